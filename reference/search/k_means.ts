/**
 * One round of spherical k-means, in float64.
 *
 * Source: I. S. Dhillon, D. S. Modha, "Concept decompositions for large sparse text data using clustering", 2001.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";

/** The centre that each row is most similar to. */
export function assign(rows: Matrix, centres: Matrix): number[] {
  return rows.map((row) => {
    const similarities = centres.map((centre) => dot(row, centre));
    return similarities.indexOf(Math.max(...similarities));
  });
}

/** The unit vector of the sum of each cluster's rows. No cluster is empty. */
export function centres(rows: Matrix, assigned: readonly number[], k: number): number[][] {
  return Array.from({ length: k }, (_, cluster) => {
    const own = rows.filter((_, i) => assigned[i] === cluster);
    const sum = rows[0].map((_, d) => own.reduce((total, row) => total + row[d], 0));
    const length = Math.hypot(...sum);
    return sum.map((x) => x / length);
  });
}
