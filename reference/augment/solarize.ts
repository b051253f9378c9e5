/**
 * Solarization.
 *
 *     out = 1 - in    where in >= threshold,    in elsewhere
 *
 * @module
 */
import type { Image } from "./image.ts";

/** The image with its bright values inverted. */
export function solarize(image: Image, threshold: number): number[][][] {
  return image.map((row) => row.map((pixel) => pixel.map((x) => x >= threshold ? 1 - x : x)));
}
