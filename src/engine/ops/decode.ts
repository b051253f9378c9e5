/**
 * Images out of files: TensorFlow's decoders and its resampling.
 *
 * @module
 */
import { type Attributes, createTensor, executeEager, readTensorBytes, releaseTensor } from "../native/mod.ts";

/** The formats that can be decoded. */
export type ImageFormat = "JPEG" | "PNG" | "BMP" | "GIF";

/** An image in memory: uint8 [height, width, channels], row-major. */
export type Pixels = {
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
};

const signatures: Readonly<Record<ImageFormat, readonly number[]>> = {
  JPEG: [0xff, 0xd8, 0xff],
  PNG: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  BMP: [0x42, 0x4d],
  GIF: [0x47, 0x49, 0x46, 0x38],
};

/** The format that a file's first bytes tell, whatever its name. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  return (Object.keys(signatures) as ImageFormat[]).find((format) =>
    signatures[format].every((byte, index) => bytes[index] === byte)
  );
}

/**
 * An image out of the bytes of a JPEG, PNG, BMP or GIF file.
 *
 * Transparent pixels are laid onto white. Of a GIF the first frame is taken. A fourth channel of a BMP is dropped, since
 * most programs leave nothing of sense there. 16-bit PNGs lose their low bytes. The orientation that a camera notes in
 * EXIF is not applied: the image comes as its pixels are stored.
 *
 * @param bytes The whole file.
 * @param channels 3 for red, green and blue; 1 for grey (0.299 R + 0.587 G + 0.114 B of a colour image).
 * @throws {EngineError} if the bytes are damaged or the format's variant is not supported.
 * @throws {TypeError} if they are of none of the formats.
 */
export function decodeImage(bytes: Uint8Array, channels: 1 | 3): Pixels {
  const format = imageFormat(bytes);
  if (format === undefined) {
    throw new TypeError("Cannot decode an image: expected JPEG, PNG, BMP or GIF, found something else");
  }
  const [op, attributes] = decoders[format](channels);
  // A GIF may have further frames behind the first one.
  const { bytes: decoded, shape } = run(op, attributes, [createTensor([], "string", [bytes])]);
  const [height, width, stored] = shape.slice(-3);
  const pixels = decoded.subarray(0, height * width * stored);
  const direct = format === "BMP" && stored === 1 ? withPalette(pixels, bytes) : onWhite(pixels, stored, format);
  return { bytes: toChannels(direct, direct.length / (height * width), channels), height, width, channels };
}

const decoders: Readonly<Record<ImageFormat, (channels: 1 | 3) => readonly [op: string, Attributes]>> = {
  JPEG: (channels) => ["DecodeJpeg", { channels, dct_method: "INTEGER_ACCURATE" }], // CMYK is converted too
  PNG: () => ["DecodePng", { channels: 0, dtype: "uint8" }],
  BMP: () => ["DecodeBmp", { channels: 0 }],
  GIF: () => ["DecodeGif", {}],
};

/** Runs an op, takes a copy of its result, and releases result and inputs. */
function run(name: string, attributes: Attributes, inputs: readonly number[]) {
  try {
    const [{ id, shape }] = executeEager(name, attributes, inputs, 1);
    try {
      return { bytes: readTensorBytes(id), shape };
    } finally {
      releaseTensor(id);
    }
  } finally {
    inputs.forEach(releaseTensor);
  }
}

/** The colours of a BMP whose pixels are places in its table of colours (blue, green, red, unused). */
function withPalette(places: Uint8Array, file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = file.subarray(14 + view.getUint32(14, true), view.getUint32(10, true));
  if (table.length === 0) return places;
  const colours = new Uint8Array(places.length * 3);
  for (const [pixel, place] of places.entries()) {
    for (let channel = 0; channel < 3; channel++) colours[3 * pixel + channel] = table[4 * place + 2 - channel] ?? 0;
  }
  return colours;
}

/** Pixels without their transparency: red, green, blue and alpha to three channels, grey and alpha to one. */
function onWhite(pixels: Uint8Array, stored: number, format: ImageFormat): Uint8Array {
  if (stored === 1 || stored === 3) return pixels;
  const kept = stored - 1;
  const opaque = new Uint8ClampedArray(pixels.length / stored * kept);
  for (let from = 0, to = 0; from < pixels.length; from += stored) {
    const alpha = format === "BMP" ? 1 : pixels[from + kept] / 255;
    for (let channel = 0; channel < kept; channel++) opaque[to++] = 255 + (pixels[from + channel] - 255) * alpha;
  }
  return new Uint8Array(opaque.buffer);
}

function toChannels(pixels: Uint8Array, stored: number, wanted: 1 | 3): Uint8Array {
  if (stored === wanted) return pixels;
  const count = pixels.length / stored;
  const result = new Uint8ClampedArray(count * wanted);
  for (let pixel = 0; pixel < count; pixel++) {
    if (wanted === 3) result.fill(pixels[pixel], 3 * pixel, 3 * pixel + 3);
    else result[pixel] = 0.299 * pixels[3 * pixel] + 0.587 * pixels[3 * pixel + 1] + 0.114 * pixels[3 * pixel + 2];
  }
  return new Uint8Array(result.buffer);
}

/**
 * An image as a square: its shorter side is brought to `size` pixels (bilinear, with antialiasing where that makes it
 * smaller) and what the longer side has over is cut off at both ends.
 *
 * @param image The image.
 * @param size Height and width, pixels.
 * @returns uint8 [size, size, channels].
 */
export function resizeAndCrop({ bytes, height, width, channels }: Pixels, size: number): Uint8Array {
  if (height === size && width === size) return bytes;
  const scale = size / Math.min(height, width);
  const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
  const resized = run("ScaleAndTranslate", { kernel_type: "triangle", antialias: true }, [
    createTensor([1, height, width, channels], "uint8", bytes),
    createTensor([2], "int32", new Uint8Array(Int32Array.of(size, size).buffer)),
    createTensor([2], "float32", floats(scale, scale)),
    createTensor([2], "float32", floats((size - height * scale) / 2, (size - width * scale) / 2)),
  ]); // [1, size, size, channels] float32
  return new Uint8Array(Uint8ClampedArray.from(new Float32Array(resized.bytes.buffer)).buffer); // rounds and clamps
}
