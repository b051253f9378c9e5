import { tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { similarities } from "./for_each_neighbours.ts";
import { ROUNDING } from "./rounding.ts";
import { countOf, tensorOf, type UnitVectors } from "./unit_vectors.ts";
import { whereTrue } from "./where_true.ts";

/** How all pairs of images are compared. */
export type PairOptions = {
  /** Memory for the similarities of a block, bytes. Default 16 MiB. A list of all its pairs takes four times that. */
  readonly blockBytes?: number;
  /** Called after each block with the images done so far. */
  readonly onProgress?: (done: number, count: number) => void;
};

/**
 * Walks all pairs of images whose cosine similarity is at least a threshold, up to the rounding of float32. Each comes
 * once, the lower row first.
 *
 * @param vectors N unit vectors.
 * @param threshold In (-1, 1].
 * @param visit Receives a pair.
 * @param options The size of a block, a progress callback.
 */
export function forEachPair(
  vectors: UnitVectors,
  threshold: number,
  visit: (first: number, second: number) => void,
  options: PairOptions = {},
): void {
  const count = countOf(vectors);
  const { blockBytes = 16 * 2 ** 20, onProgress } = options;
  const block = Math.max(1, Math.floor(blockBytes / (4 * count)));
  scope(() => {
    const all = tensorOf(vectors);
    for (let first = 0; first < count; first += block) {
      const size = Math.min(block, count - first);
      scope(() => {
        // Rows before the block have met it already.
        const found = similarities(tf.slice(all, [first, 0], [size, -1]), tf.slice(all, [first, 0], [-1, -1]));
        const places = whereTrue(tf.greaterEqual(found, threshold - ROUNDING)); // [pairs, 2]
        for (let i = 0; i < places.length; i += 2) {
          if (places[i] < places[i + 1]) visit(first + places[i], first + places[i + 1]);
        }
      });
      onProgress?.(first + size, count);
    }
  });
}
