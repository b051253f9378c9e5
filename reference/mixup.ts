/**
 * Mixup, in float64: each image of a batch, and its target, is blended with another's.
 *
 *     x_n <- lambda x_n + (1 - lambda) x_{pi(n)},    y_n <- lambda y_n + (1 - lambda) y_{pi(n)}
 *
 * lambda is one number for the batch, drawn from Beta(alpha, alpha), and pi is a permutation.
 *
 * Source: arXiv:1710.09412, section 2 and figure 1.
 *
 * @module
 */
import type { Matrix, Vector } from "./matrix.ts";

/** Rows blended with rows at other places, for images and targets alike. */
export function mixup(rows: Matrix, lambda: number, permutation: Vector): number[][] {
  return rows.map((row, n) => row.map((value, i) => lambda * value + (1 - lambda) * rows[permutation[n]][i]));
}
