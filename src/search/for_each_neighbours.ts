import { type Tensor, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { l2Normalize } from "../methods/l2_normalize.ts";
import { runLength, topColumns } from "./top_columns.ts";

/** Bytes of float32 similarities that one block of a search may hold. */
export const BLOCK_BYTES: number = 64 * 2 ** 20;

/** Receives the neighbours of a block of queries. The tensors are freed when it returns. */
export type VisitNeighbours = (
  /** The index of the block's first query. */
  first: number,
  /** Cosine similarities in descending order, float32 [block, k]. */
  similarities: Tensor,
  /** The rows of the bank, int32 [block, k]. */
  rows: Tensor,
) => void;

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
 * @param visit Called for each block.
 * @throws {TypeError} if the feature sizes differ.
 * @throws {RangeError} if k is not a whole number in [1, N].
 */
export function forEachNeighbours(
  queries: Tensor,
  bank: Tensor,
  k: number,
  blockBytes: number,
  visit: VisitNeighbours,
): void {
  checkMatrices(queries, bank);
  scope(() => forEachUnitNeighbours(l2Normalize(queries), l2Normalize(bank), k, blockBytes, visit));
}

/**
 * As {@linkcode forEachNeighbours}, for rows of length 1.
 *
 * @param queries float32 [Q, D].
 * @param bank float32 [N, D].
 */
export function forEachUnitNeighbours(
  queries: Tensor,
  bank: Tensor,
  k: number,
  blockBytes: number,
  visit: VisitNeighbours,
): void {
  checkMatrices(queries, bank);
  const [count] = queries.shape;
  const [size] = bank.shape;
  if (!Number.isInteger(k) || k < 1 || k > size) {
    throw new RangeError(`Cannot search neighbours: expected k in [1, ${size}] (the bank's rows), found ${k}`);
  }
  const block = Math.max(1, Math.min(count, Math.floor(blockBytes / (4 * size))));
  const run = runLength(size, k);
  const split = run === 0 ? size : size - size % run;
  scope(() => {
    const body = tf.slice(bank, [0, 0], [split, -1]); // in two parts if there are runs
    const rest = tf.slice(bank, [split, 0], [size - split, -1]);
    for (let first = 0; first < count; first += block) {
      scope(() => {
        const slice = tf.slice(queries, [first, 0], [Math.min(block, count - first), -1]); // [block, D]
        if (run === 0) {
          const { values, indices } = tf.topk(similarities(slice, body), k, true);
          visit(first, values, indices);
        } else {
          const { values, columns } = topColumns(similarities(slice, body), similarities(slice, rest), k, run);
          visit(first, values, columns);
        }
      });
    }
  });
}

/** The products of all rows of two matrices, [Q, N]: their cosine similarities, as all have length 1. */
export function similarities(queries: Tensor, bank: Tensor): Tensor {
  return tf.matMul(queries as tf.Tensor2D, bank as tf.Tensor2D, false, true);
}

function checkMatrices(queries: Tensor, bank: Tensor): void {
  if (queries.rank !== 2 || bank.rank !== 2 || queries.shape[1] !== bank.shape[1]) {
    throw new TypeError(
      `Cannot search neighbours: expected two matrices of equal width, found [${queries.shape}] and [${bank.shape}]`,
    );
  }
}
