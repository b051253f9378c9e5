/**
 * Normalisation of channels.
 *
 *     out_c = (in_c - mean_c) / std_c
 *
 * @module
 */
import type { Image } from "./image.ts";

/** The image normalised. */
export function normalize(image: Image, mean: readonly number[], std: readonly number[]): number[][][] {
  return image.map((row) => row.map((pixel) => pixel.map((x, c) => (x - mean[c]) / std[c])));
}
