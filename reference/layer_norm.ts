/**
 * Layer normalisation, in float64: each row by its own mean and biased variance.
 *
 *     y = scale (x - mean) / sqrt(variance + epsilon) + offset
 *
 * Source: arXiv:1607.06450, eq. 3 and 4.
 *
 * @module
 */
import { type Matrix, mean, type Vector } from "./matrix.ts";

/** The rows of `x` [N][C], normalised, scaled and shifted by channel. */
export function layerNorm(
  x: Matrix,
  scale: Vector,
  offset: Vector,
  epsilon: number = 1e-6,
): number[][] {
  return x.map((row) => {
    const mu = mean(row);
    const variance = mean(row.map((value) => (value - mu) ** 2));
    return row.map((value, c) => scale[c] * (value - mu) / Math.sqrt(variance + epsilon) + offset[c]);
  });
}
