/**
 * Groups of images that are nearly the same.
 *
 * @module
 */
import { ROUNDING } from "../../../search/rounding.ts";
import { unionFind } from "../../../search/union_find.ts";
import type { Compared } from "../../messages.ts";

/** Two images and how similar they are. */
export type Pair = { readonly first: number; readonly second: number; readonly similarity: number };

/** Images that are nearly the same, and the greatest similarity of two that are a close pair. */
export type Group = { readonly rows: readonly number[]; readonly similarity: number };

/** The pairs that are at least as similar as a threshold, up to the rounding of float32. */
export function pairsFrom(pairs: readonly Pair[], threshold: number): readonly Pair[] {
  return pairs.filter(({ similarity }) => similarity >= threshold - ROUNDING);
}

/**
 * The groups that close pairs join, the most similar first: those of `closeGroups` with the same share.
 *
 * @param compared Pairs of images, with the share that their distance has of those around them.
 * @param within The share that a close pair has at most.
 * @param count All images.
 */
export function groupsOf(
  { first, second, similarities, shares }: Omit<Compared, "distances">,
  within: number,
  count: number,
): readonly Group[] {
  const { join, groups } = unionFind(count);
  const best = new Float64Array(count).fill(-Infinity); // of each image's close pairs
  for (let pair = 0; pair < shares.length; pair++) {
    if (shares[pair] > within) continue;
    join(first[pair], second[pair]);
    best[first[pair]] = Math.max(best[first[pair]], similarities[pair]);
  }
  return groups()
    .map((rows) => ({ rows, similarity: rows.reduce((most, row) => Math.max(most, best[row]), -Infinity) }))
    .sort((a, b) => b.similarity - a.similarity || a.rows[0] - b.rows[0]);
}
