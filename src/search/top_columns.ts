import { type Tensor, tf } from "../engine/mod.ts";
import { gatherInRows } from "../engine/ops/mod.ts";

/** The greatest entries of each row, in descending order, and where they stand. */
export type TopColumns = {
  /** float32 [N, k]. */
  readonly values: Tensor;
  /** int32 [N, k]. */
  readonly columns: Tensor;
};

/** With shorter runs (fewer than 64 columns for each of the k) the detour takes as long as what it saves. */
const SHORTEST_RUN = 8;

/**
 * The length of the runs in which {@linkcode topColumns} looks for the `k` greatest of `width` columns: chosen so that
 * as many runs are compared as columns afterwards. 0 if there are too few columns.
 */
export function runLength(width: number, k: number): number {
  const run = 2 ** Math.floor(Math.log2(Math.sqrt(width / k)));
  return run < SHORTEST_RUN ? 0 : run;
}

/**
 * The `k` greatest entries of each row; of equal ones, the first. The result is that of `tf.topk`, which takes about
 * 4 ns for every column and more for every one that is among the greatest so far. Here it sees few columns.
 *
 * The greatest entries lie in the k runs of columns with the greatest maxima, since these k maxima come before an entry
 * of any other run. None of the greatest entries is less than the least of these maxima.
 *
 * @param body float32 [N, M], M a multiple of `run`, at least `k` runs.
 * @param rest The columns after them, float32 [N, R]; R may be 0.
 * @param k How many.
 * @param run Columns a run, see {@linkcode runLength}.
 */
export function topColumns(body: Tensor, rest: Tensor, k: number, run: number): TopColumns {
  const [rows, width] = body.shape;
  const runs = tf.reshape(body, [rows, width / run, run]);
  const best = tf.topk(tf.max(runs, 2), k, true); // [N, k]
  const chosen = ascending(best.indices); // of equal entries the first column must come first here too
  const entries = tf.reshape(gatherInRows(runs, chosen), [rows, k * run]);
  // Entries that cannot be among the greatest become minus infinity, so that few enter topk's heap.
  const least = tf.slice(best.values, [0, k - 1], [-1, 1]); // [N, 1]
  const candidates = tf.where(tf.greaterEqual(entries, least), entries, tf.scalar(-Infinity));
  const { values, indices } = tf.topk(tf.concat([candidates, rest], 1), k, true);
  const first = tf.mul(tf.expandDims(chosen, 2), tf.scalar(run, "int32")); // [N, k, 1]
  const columns = tf.reshape(tf.add(first, tf.range(0, run, 1, "int32")), [rows, k * run]);
  const end = width + rest.shape[1]!;
  const after = tf.tile(tf.expandDims(tf.range(width, end, 1, "int32"), 0), [rows, 1]); // [N, R]
  return { values, columns: gatherInRows(tf.concat([columns, after], 1), indices) };
}

/** The numbers of each row, the least first; int32 [N, k]. */
function ascending(numbers: Tensor): Tensor {
  return tf.neg(tf.topk(tf.neg(numbers), numbers.shape[1], true).values);
}
