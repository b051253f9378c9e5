/**
 * Near duplicates, in float64: the connected components of the pairs whose similarity is at least a threshold.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";

/** The components with two members or more, by spreading out from each image in turn. */
export function duplicateGroups(rows: Matrix, threshold: number): number[][] {
  const seen = new Set<number>();
  const groups: number[][] = [];
  rows.forEach((_, start) => {
    if (seen.has(start)) return;
    const group = [start];
    seen.add(start);
    for (let next = 0; next < group.length; next++) {
      rows.forEach((row, i) => {
        if (seen.has(i) || dot(rows[group[next]], row) < threshold) return;
        seen.add(i);
        group.push(i);
      });
    }
    if (group.length > 1) groups.push(group.sort((a, b) => a - b));
  });
  return groups;
}

/** For each test row, the nearest training row where its similarity is at least a threshold. */
export function leaks(test: Matrix, train: Matrix, threshold: number): { test: number; train: number }[] {
  return test.flatMap((query, i) => {
    const similarities = train.map((row) => dot(query, row));
    const best = Math.max(...similarities);
    return best >= threshold ? [{ test: i, train: similarities.indexOf(best) }] : [];
  });
}
