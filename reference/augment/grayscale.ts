/**
 * Grey by ITU-R 601, kept in as many channels, in float64.
 *
 *     grey = 0.299 red + 0.587 green + 0.114 blue
 *
 * @module
 */
import { greyOf, type Image } from "./image.ts";

/** The image in grey. */
export function grayscale(image: Image): number[][][] {
  return image.map((row) => row.map((pixel) => pixel.map(() => greyOf(pixel))));
}
