/**
 * The image in a mirror.
 *
 *     out[y, x] = in[y, W - 1 - x]
 *
 * @module
 */
import { type Image, makeImage } from "./image.ts";

/** Left for right. */
export function horizontalFlip(image: Image): number[][][] {
  return makeImage(image.length, image[0].length, (y, x) => [...image[y][image[y].length - 1 - x]]);
}
