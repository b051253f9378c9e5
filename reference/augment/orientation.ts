/**
 * A stored image as it is shown.
 *
 * Source: CIPA DC-008 (Exif 2.32), section 4.6.4, tag 0112: which side of the shown image the stored row 0 is, and
 * which side the stored column 0 is.
 *
 * @module
 */
import { type Image, makeImage } from "./image.ts";

const sides: Readonly<Record<number, readonly [row0: string, column0: string]>> = {
  1: ["top", "left"],
  2: ["top", "right"],
  3: ["bottom", "right"],
  4: ["bottom", "left"],
  5: ["left", "top"],
  6: ["right", "top"],
  7: ["right", "bottom"],
  8: ["left", "bottom"],
};

/** The image as it is shown according to EXIF's orientation, 1 to 8. */
export function shown(stored: Image, orientation: number): number[][][] {
  const [row0, column0] = sides[orientation];
  const [rows, columns] = [stored.length, stored[0].length];
  const upright = row0 === "top" || row0 === "bottom";
  const [height, width] = upright ? [rows, columns] : [columns, rows];
  /** How far a shown pixel is from one side of the shown image. */
  const from = (side: string, y: number, x: number): number => {
    if (side === "top") return y;
    if (side === "bottom") return height - 1 - y;
    return side === "left" ? x : width - 1 - x;
  };
  return makeImage(height, width, (y, x) => [...stored[from(row0, y, x)][from(column0, y, x)]]);
}
