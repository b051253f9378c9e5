/**
 * Farthest-point traversal of unit vectors, in float64.
 *
 * Source: T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";

/**
 * The rows in the order in which they are taken, after those that are taken already. The first one, where none is, is
 * the one nearest to the mean.
 */
export function selectSpread(rows: Matrix, count: number, among: readonly number[] = []): number[] {
  const taken = [...among];
  if (taken.length === 0) {
    const mean = rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
    taken.push(first(rows.map((row) => -dot(row, mean))));
  }
  while (taken.length < among.length + count) {
    taken.push(first(rows.map((row, i) => taken.includes(i) ? Infinity : nearest(rows, row, taken))));
  }
  return taken.slice(among.length);
}

/** The similarity of a row to the nearest taken one. */
export function nearest(rows: Matrix, row: readonly number[], taken: readonly number[]): number {
  return Math.max(...taken.map((i) => dot(rows[i], row)));
}

/** The place of the least number. */
function first(values: readonly number[]): number {
  return values.indexOf(Math.min(...values));
}
