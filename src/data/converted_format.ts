/**
 * The formats that TensorFlow does not read, and how they are told.
 *
 * @module
 */

/**
 * Which of the formats a file has, judged by its first 12 bytes.
 *
 * Source: TIFF 6.0, section 2; ISO/IEC 23008-12, section 10 (HEIC); AV1 Image File Format, section 6.
 *
 * @param start The bytes.
 */
export function convertedFormat(start: Uint8Array): "TIFF" | "AVIF" | "HEIC" | undefined {
  const text = String.fromCharCode(...start.subarray(0, 12));
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return "TIFF"; // + that of large files
  if (text.slice(4, 8) !== "ftyp") return undefined;
  const brand = text.slice(8, 12);
  if (["avif", "avis"].includes(brand)) return "AVIF";
  return ["heic", "heix", "heim", "heis", "mif1", "msf1"].includes(brand) ? "HEIC" : undefined;
}

/**
 * Whether a file's extension is that of a camera's raw images. Many of these are TIFF files whose first image is a
 * thumbnail, so that they would be read as images of nearly nothing.
 */
export function isCameraRaw(extension: string): boolean {
  return /^\.(nef|nrw|dng|cr2|arw|sr2|pef|srw|3fr|fff|iiq|erf|dcr|kdc|orf|rw2)$/i.test(extension);
}

/** Whether a file's extension, such as ".tif", is that of one of the formats. */
export function isConvertedName(extension: string): boolean {
  return /^\.(tiff?|avif|heic|heif)$/i.test(extension);
}
