/**
 * The mean Euclidean distance of a unit vector to its k nearest neighbours, in float64.
 *
 * Source: arXiv:2202.02794, equation 4, whose typicality is the inverse.
 *
 * @module
 */
import type { Matrix } from "../matrix.ts";
import { neighbours } from "./neighbours.ts";

/** The mean over the k nearest j of |x_i - x_j|, for each i. */
export function neighbourDistances(rows: Matrix, k: number): number[] {
  return neighbours(rows, k).map((found, i) =>
    found.reduce((sum, { row }) => sum + Math.hypot(...rows[i].map((x, d) => x - rows[row][d])), 0) / k
  );
}
