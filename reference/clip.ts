/**
 * Clipping gradients by their global norm, in float64:
 *
 *     g <- g min(1, max / |g|),    |g| the Euclidean norm over all elements of all tensors; g = 0 stays.
 *
 * Source: arXiv:1211.5063, algorithm 1.
 *
 * @module
 */

/** The clipped gradients. */
export function clipByGlobalNorm(gradients: readonly (readonly number[])[], max: number): number[][] {
  let squares = 0;
  for (const gradient of gradients) for (const value of gradient) squares += value * value;
  const norm = Math.sqrt(squares);
  return gradients.map((gradient) => gradient.map((value) => norm > max ? value * max / norm : value));
}
