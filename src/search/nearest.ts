import { gatherRows } from "../engine/ops/mod.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { BLOCK_BYTES, forEachNeighbours } from "./for_each_neighbours.ts";

/** A row of the bank that is near a query. */
export type Neighbour = {
  /** Row of the bank. */
  readonly index: number;
  /** Cosine similarity, in [-1, 1]. */
  readonly similarity: number;
};

/**
 * The nearest rows of a bank by cosine similarity, the nearest first; exact.
 *
 * @param queries Features float32 [Q, D].
 * @param bank Features float32 [N, D].
 * @param k Neighbours per query, in [1, N].
 * @returns For each query its k neighbours.
 * @throws {TypeError} if the features' widths differ.
 * @throws {RangeError} if k is outside [1, N].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nearest, tf } from "@momentum-contrast/moco";
 *
 * const bank = tf.tensor2d([[1, 0], [0, 1], [1, 1]]);
 * const [neighbours] = nearest(tf.tensor2d([[0, 5]]), bank, 2);
 * assertEquals(neighbours.map((neighbour) => neighbour.index), [1, 2]);
 * ```
 */
export function nearest(queries: Tensor, bank: Tensor, k: number): readonly (readonly Neighbour[])[] {
  const found: Neighbour[][] = [];
  forEachNeighbours(queries, bank, k, BLOCK_BYTES, (_first, similarities, rows) => {
    const values = similarities.dataSync<"float32">();
    const indices = rows.dataSync<"int32">();
    for (let start = 0; start < values.length; start += k) {
      found.push(
        Array.from({ length: k }, (_, i) => ({ index: indices[start + i], similarity: values[start + i] })),
      );
    }
  });
  return found;
}

/**
 * Some rows of a matrix, in the order given.
 *
 * @param features float32 [N, D].
 * @param rows Indices in [0, N).
 * @returns float32 [rows, D]; the caller owns it.
 */
export function takeRows(features: Tensor, rows: readonly number[]): Tensor {
  return scope(() => gatherRows(features, tf.tensor1d([...rows], "int32")));
}
