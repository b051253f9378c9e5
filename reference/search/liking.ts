/**
 * One query from images to be like and images to be unlike, in float64.
 *
 * Source: J. J. Rocchio, "Relevance feedback in information retrieval", 1971, without the term of the first query.
 *
 * @module
 */
import type { Matrix } from "../matrix.ts";

/** mean(these) - away * mean(those), at length 1. */
export function liking(these: Matrix, those: Matrix, away: number): number[] {
  const mean = (rows: Matrix, d: number) =>
    rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row[d], 0) / rows.length;
  const query = these[0].map((_, d) => mean(these, d) - away * mean(those, d));
  const length = Math.hypot(...query);
  return query.map((x) => x / length);
}
