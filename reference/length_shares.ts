/**
 * The share of each place of a map in the squared length of features that are means of it, in float64. With a grid of
 * cells, the features are the means e_g of the cells g, side by side, and a place is in one cell or more:
 *
 *     s_p = sum_g [p in g] (a_p . e_g) / |g| / sum_g |e_g|^2
 *
 * Source: arXiv:1901.00536, section 3, for an image compared with itself.
 *
 * @module
 */
import { dot, type Vector } from "./matrix.ts";

/** A map [rows][columns][C]. */
export type FeatureMap = readonly (readonly Vector[])[];

/** The shares [rows][columns] of a map whose means over `grid` x `grid` cells are the features. */
export function lengthShares(map: FeatureMap, grid: number): number[][] {
  const [rows, columns] = [map.length, map[0].length];
  const shares = map.map((row) => row.map(() => 0));
  let squares = 0;
  for (const [top, bottom] of cells(rows, grid)) {
    for (const [left, right] of cells(columns, grid)) {
      const places = (bottom - top) * (right - left);
      const e = map[0][0].map((_, c) => {
        let sum = 0;
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += map[y][x][c];
        return sum / places;
      });
      squares += dot(e, e);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) shares[y][x] += dot(map[y][x], e) / places;
      }
    }
  }
  return shares.map((row) => row.map((share) => share / squares));
}

/** Where each of some cells begins and ends; neighbours share a place where the grid does not divide the length. */
function cells(length: number, grid: number): [begin: number, end: number][] {
  return Array.from({ length: grid }, (_, cell) => [
    Math.floor(cell * length / grid),
    Math.ceil((cell + 1) * length / grid),
  ]);
}
