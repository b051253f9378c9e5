/**
 * Clipping gradients by their global norm, in float64:
 *
 *     g <- g min(1, max / |g|),    |g| the Euclidean norm over all elements of all tensors; g = 0 stays.
 *
 * Source: arXiv:1211.5063, algorithm 1.
 *
 * @module
 */
import { lengthOf, type Matrix } from "./matrix.ts";

/** The clipped gradients. */
export function clipByGlobalNorm(gradients: Matrix, max: number): number[][] {
  const norm = lengthOf(gradients.map(lengthOf));
  return gradients.map((gradient) => gradient.map((value) => norm > max ? value * max / norm : value));
}
