import { type Tensor, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { runLength, topColumns } from "./top_columns.ts";
import { l2Normalize } from "../methods/l2_normalize.ts";

/** Bytes of float32 similarities that one block of a search may hold. */
export const BLOCK_BYTES: number = 64 * 2 ** 20;

/**
 * Walks the queries in blocks, each with its k most similar rows of the bank. The similarities of a block, not of all
 * queries, are in memory at once: `block * N` floats in at most `blockBytes` (or one row).
 *
 * The search is exact. Equally similar rows come in the order of the bank.
 *
 * @param queries float32 [Q, D], any length of row.
 * @param bank float32 [N, D], any length of row.
 * @param k Neighbours per query, in [1, N].
 * @param blockBytes Bytes of a block's similarities.
 * @param visit Called for each block with the index of its first query, the cosine similarities float32 [block, k] in
 * descending order, and the rows of the bank int32 [block, k]. Both are freed when it returns.
 * @throws {TypeError} if the feature sizes differ.
 * @throws {RangeError} if k is not a whole number in [1, N].
 */
export function forEachNeighbours(
  queries: Tensor,
  bank: Tensor,
  k: number,
  blockBytes: number,
  visit: (first: number, similarities: Tensor, rows: Tensor) => void,
): void {
  if (queries.rank !== 2 || bank.rank !== 2 || queries.shape[1] !== bank.shape[1]) {
    throw new TypeError(
      `Cannot search neighbours: expected two matrices of equal width, found [${queries.shape}] and [${bank.shape}]`,
    );
  }
  const [count] = queries.shape;
  const [size] = bank.shape;
  if (!Number.isInteger(k) || k < 1 || k > size) {
    throw new RangeError(`Cannot search neighbours: expected k in [1, ${size}] (the bank's rows), found ${k}`);
  }
  const block = Math.max(1, Math.min(count, Math.floor(blockBytes / (4 * size))));
  scope(() => {
    // Laid out for the product once, not in every block: [D, N], split in two if there are runs.
    const run = runLength(size, k);
    const split = run === 0 ? size : size - size % run;
    const { body, rest } = scope(() => {
      const units = tf.transpose(l2Normalize(bank));
      return { body: tf.slice(units, [0, 0], [-1, split]), rest: tf.slice(units, [0, split], [-1, size - split]) };
    });
    for (let first = 0; first < count; first += block) {
      scope(() => {
        const slice = l2Normalize(tf.slice(queries, [first, 0], [Math.min(block, count - first), -1])); // [block, D]
        const similarities = (units: Tensor) => tf.matMul(slice as tf.Tensor2D, units as tf.Tensor2D);
        if (run === 0) {
          const { values, indices } = tf.topk(similarities(body), k, true);
          visit(first, values, indices);
        } else {
          const { values, columns } = topColumns(similarities(body), similarities(rest), k, run);
          visit(first, values, columns);
        }
      });
    }
  });
}
