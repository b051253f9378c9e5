/**
 * Pairs that are much nearer to each other than to what is around them, in float64.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";
import { neighbours } from "./neighbours.ts";

/**
 * The pairs (i, j), i < j, of which one is among the k nearest of the other, and 1 - x_i . x_j <= within sqrt(r_i r_j).
 */
export function closePairs(rows: Matrix, k: number, within: number): [number, number][] {
  const near = neighbours(rows, k);
  const furthest = near.map((own) => 1 - own[k - 1].similarity);
  const median = furthest.toSorted((a, b) => a - b)[Math.floor(rows.length / 2)];
  const width = furthest.map((distance) => Math.max(distance, median / 4));
  const isNear = (i: number, j: number) => near[i].some(({ row }) => row === j);
  return rows.flatMap((row, i) =>
    rows.flatMap((other, j): [number, number][] => {
      if (i >= j || !(isNear(i, j) || isNear(j, i))) return [];
      return 1 - dot(row, other) <= within * Math.sqrt(width[i] * width[j]) ? [[i, j]] : [];
    })
  );
}
