/**
 * Groups of images that are nearly the same.
 *
 * @module
 */
import { ROUNDING } from "../../../search/rounding.ts";
import { unionFind } from "../../../search/union_find.ts";

/** Two images and how similar they are. */
export type Pair = { readonly first: number; readonly second: number; readonly similarity: number };

/** Images that are nearly the same, and the greatest similarity of two of them. */
export type Group = { readonly rows: readonly number[]; readonly similarity: number };

/** The pairs that are at least as similar as a threshold, up to the rounding of float32. */
export function pairsFrom(pairs: readonly Pair[], threshold: number): readonly Pair[] {
  return pairs.filter(({ similarity }) => similarity >= threshold - ROUNDING);
}

/** The groups that pairs join, the most similar first. */
export function groupsOf(pairs: readonly Pair[], threshold: number, count: number): readonly Group[] {
  const near = pairsFrom(pairs, threshold);
  const { join, groups } = unionFind(count);
  for (const { first, second } of near) join(first, second);
  const best = new Float64Array(count).fill(-Infinity); // of each image's pairs
  for (const { first, similarity } of near) best[first] = Math.max(best[first], similarity);
  return groups()
    .map((rows) => ({ rows, similarity: rows.reduce((most, row) => Math.max(most, best[row]), -Infinity) }))
    .sort((a, b) => b.similarity - a.similarity || a.rows[0] - b.rows[0]);
}
