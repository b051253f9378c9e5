import { checkNumbers, cosineSimilarity } from "../core/check_numbers.ts";
import { forEachPair, type PairOptions } from "./for_each_pair.ts";
import { unionFind } from "./union_find.ts";
import { countOf, type UnitVectors } from "./unit_vectors.ts";

/**
 * Groups of images that are nearly the same: two images are in one group if a chain of pairs joins them whose cosine
 * similarity is at least the threshold,
 *
 *     groups = the connected components of { (i, j) : x_i . x_j >= threshold } that have two members or more.
 *
 * Float32 may take 4e-6 from a similarity. That much is allowed for, so that a threshold of 1 finds equal vectors.
 * Similarities are computed in blocks, so that memory does not grow with the number of pairs.
 *
 * Reference: reference/search/duplicates.ts
 *
 * @param vectors N unit vectors.
 * @param threshold The least cosine similarity of a pair, in (-1, 1].
 * @param options The size of a block, a progress callback.
 * @returns The rows of each group, ascending; the group with the lowest row first.
 * @throws {RangeError} if the threshold is not in (-1, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { duplicateGroups } from "@momentum-contrast/moco";
 *
 * const vectors = { values: Float32Array.of(1, 0, 0, 1, 0.8, 0.6), dim: 2 };
 * assertEquals(duplicateGroups(vectors, 0.75), [[0, 2]]);
 * ```
 */
export function duplicateGroups(
  vectors: UnitVectors,
  threshold: number,
  options: PairOptions = {},
): readonly (readonly number[])[] {
  checkNumbers("find duplicates", { threshold: [threshold, cosineSimilarity] });
  const { join, groups } = unionFind(countOf(vectors));
  forEachPair(vectors, threshold, join, options);
  return groups();
}
