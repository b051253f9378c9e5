import type { ReadAt } from "./read_at.ts";

/**
 * The orientation that a camera recorded, from a block of EXIF.
 *
 * Source: CIPA DC-008 (Exif 2.32), section 4.5; TIFF 6.0, section 2.
 *
 * @param read The block, starting at its byte order.
 * @returns 1 to 8; 1, upright, if nothing usable is recorded.
 */
export function exifOrientation(read: ReadAt): number {
  const order = String.fromCharCode(...read(0, 2));
  if (order !== "II" && order !== "MM") return 1;
  const number = (at: number, bytes: 2 | 4): number => {
    const found = read(at, bytes);
    const ordered = order === "II" ? found.toReversed() : found;
    return found.length < bytes ? 0 : ordered.reduce((value, byte) => value * 256 + byte, 0);
  };
  const [orientationTag, entryBytes] = [0x0112, 12];
  const directory = number(4, 4);
  for (let entry = 0; entry < number(directory, 2); entry++) {
    const at = directory + 2 + entryBytes * entry;
    if (number(at, 2) !== orientationTag) continue;
    const orientation = number(at + 8, 2);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}
