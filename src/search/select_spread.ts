import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { dispose, scope } from "../core/scope.ts";
import { similarities } from "./for_each_neighbours.ts";
import { countOf, tensorOf, type UnitVectors, vectorAt } from "./unit_vectors.ts";

/** Images that were selected, and how well they cover the rest. */
export type Selection = {
  /** Rows, in the order in which they were selected. */
  readonly rows: readonly number[];
  /**
   * After each selection, the cosine similarity of the image that is covered worst to the selected image that is
   * nearest to it.
   */
  readonly cover: readonly number[];
};

/** Options of {@linkcode selectSpread}. */
export type SelectOptions = {
  /** Rows that are selected already, for example because they have labels. Default: none. */
  readonly among?: readonly number[];
  /** Called after each selection with the number so far. */
  readonly onProgress?: (done: number, count: number) => void;
};

/**
 * A diverse subset, for labelling: again and again the image is taken that is least similar to everything taken so far
 * (farthest-point traversal, the greedy solution of the k-centre problem),
 *
 *     s_(t+1) = argmin over i of max over j in {s_1, ..., s_t} of x_i . x_j.
 *
 * The first one is the image that is nearest to the mean of all. The largest distance of an image to the nearest
 * selected one is at most twice that of the best possible subset.
 *
 * Source: T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985; arXiv:1708.00489,
 * algorithm 1. Reference: reference/search/select_spread.ts
 *
 * @param vectors N unit vectors.
 * @param count How many to select, in [1, N - the ones that are selected already].
 * @param options What is selected already, a progress callback.
 * @throws {RangeError} if the count is not a whole number in that range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectSpread } from "@momentum-contrast/moco";
 *
 * const vectors = { values: Float32Array.of(1, 0, 0.8, 0.6, 0, 1, 0.6, 0.8), dim: 2 };
 * assertEquals(selectSpread(vectors, 3).rows, [1, 2, 0]);
 * ```
 */
export function selectSpread(vectors: UnitVectors, count: number, options: SelectOptions = {}): Selection {
  const { among = [], onProgress } = options;
  const most = countOf(vectors) - among.length;
  checkNumbers("select images", { count: [count, { ...wholeFromOne, max: most }] });
  const rows: number[] = [];
  const cover: number[] = [];
  const all = scope(() => tensorOf(vectors)); // [N, D]
  let nearest: Tensor | undefined; // [N], the similarity to the nearest selected image
  const take = (row: number) => {
    const next = scope(() => {
      const found = tf.squeeze(similarities(all, tf.tensor2d(vectorAt(vectors, row), [1, vectors.dim])), [1]);
      const closer = nearest === undefined ? found : tf.maximum(nearest, found);
      // One that is taken is not taken again, even if another one is equal to it.
      return tf.where(tf.equal(tf.range(0, all.shape[0], 1, "int32"), row), tf.scalar(Infinity), closer);
    });
    if (nearest !== undefined) dispose(nearest);
    nearest = next;
  };
  try {
    among.forEach(take);
    while (rows.length < count) {
      const row = nearest === undefined ? central(all) : leastOf(nearest).row;
      take(row);
      rows.push(row);
      cover.push(Math.min(1, leastOf(nearest!).value));
      onProgress?.(rows.length, count);
    }
    return { rows, cover };
  } finally {
    dispose(all);
    if (nearest !== undefined) dispose(nearest);
  }
}

/** The row that is most similar to the mean of all. */
function central(all: Tensor): number {
  return scope(() => tf.argMax(similarities(all, tf.mean(all, 0, true)), 0).dataSync<"int32">()[0]);
}

function leastOf(values: Tensor): { readonly row: number; readonly value: number } {
  return scope(() => {
    const row = tf.argMin(values).dataSync<"int32">()[0];
    return { row, value: tf.slice(values, [row], [1]).dataSync<"float32">()[0] };
  });
}
