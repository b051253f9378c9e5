import { checkNumbers, cosineSimilarity } from "../core/check_numbers.ts";
import { scope } from "../core/scope.ts";
import { BLOCK_BYTES, forEachUnitNeighbours } from "./for_each_neighbours.ts";
import { ROUNDING } from "./rounding.ts";
import { tensorOf, type UnitVectors } from "./unit_vectors.ts";

/** A test image with the training image that is nearest to it. */
export type Leak = {
  /** Row of the test images. */
  readonly test: number;
  /** Row of the training images. */
  readonly train: number;
  /** Their cosine similarity. */
  readonly similarity: number;
};

/**
 * Test images that the training images contain, nearly: those whose nearest training image has a cosine similarity of
 * at least the threshold, up to the rounding of float32.
 *
 * Reference: reference/search/duplicates.ts
 *
 * @param test M unit vectors.
 * @param train N unit vectors of the same width.
 * @param threshold The least similarity, in (-1, 1].
 * @param onProgress Called after each block with the test images done so far.
 * @returns The most similar first.
 * @throws {RangeError} if the threshold is not in (-1, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findLeaks } from "@momentum-contrast/moco";
 *
 * const test = { values: Float32Array.of(1, 0, 0, 1), dim: 2 };
 * const train = { values: Float32Array.of(-1, 0, 0, 1), dim: 2 };
 * assertEquals(findLeaks(test, train, 0.9), [{ test: 1, train: 1, similarity: 1 }]);
 * ```
 */
export function findLeaks(
  test: UnitVectors,
  train: UnitVectors,
  threshold: number,
  onProgress?: (done: number, count: number) => void,
): readonly Leak[] {
  checkNumbers("find leaks", { threshold: [threshold, cosineSimilarity] });
  const leaks: Leak[] = [];
  scope(() => {
    const queries = tensorOf(test);
    forEachUnitNeighbours(queries, tensorOf(train), 1, BLOCK_BYTES, (first, similarities, rows) => {
      const nearest = rows.dataSync<"int32">();
      similarities.dataSync<"float32">().forEach((similarity, i) => {
        if (similarity >= threshold - ROUNDING) leaks.push({ test: first + i, train: nearest[i], similarity });
      });
      onProgress?.(first + nearest.length, queries.shape[0]);
    });
  });
  return leaks.toSorted((a, b) => b.similarity - a.similarity || a.test - b.test);
}
