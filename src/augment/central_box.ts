/**
 * The largest central part of an image whose ratio of width to height is allowed, pixels.
 *
 * @param height Rows of the image, pixels.
 * @param width Columns of the image, pixels.
 * @param ratio The least and greatest ratio.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centralBox } from "./central_box.ts";
 *
 * assertEquals(centralBox(6, 12, [0.5, 1]), { top: 0, left: 3, height: 6, width: 6 });
 * ```
 */
export function centralBox(
  height: number,
  width: number,
  [least, greatest]: readonly [number, number],
): { readonly top: number; readonly left: number; readonly height: number; readonly width: number } {
  const h = width / height < least ? Math.max(1, Math.round(width / least)) : height;
  const w = width / height > greatest ? Math.max(1, Math.round(height * greatest)) : width;
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}
