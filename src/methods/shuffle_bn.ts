/**
 * Shuffling batch norm on one device.
 *
 * Batch norm lets a query recognise its key by the statistics of the group in which both were normalised. So the key
 * batch is normalised in different groups from the query batch. Across devices a group is a device. On one device it is
 * a virtual part of the batch: sample i is normalised in group i mod n. The key batch is permuted before encoding, and
 * its keys are un-permuted afterwards.
 *
 * Source: arXiv:1911.05722, section 3.3. Reference: reference/shuffle_bn.ts
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { type Key, permutation } from "../core/random.ts";
import { gatherRows, invertPermutation } from "../engine/ops/mod.ts";
import type { Views } from "./types.ts";

/**
 * The order in which a step puts the key batch: the views' own if they have one, otherwise a random one.
 *
 * @param random The random key.
 * @param views The views of the step.
 * @param shuffled Whether the batch is shuffled at all; if not, the order of the images is kept.
 * @returns A permutation, int32 [N].
 */
export function shufflingOrder(random: Key, views: Views, shuffled: boolean): Tensor {
  const [count] = views.query.shape;
  return shuffled ? views.shuffle ?? permutation(random, count) : tf.range(0, count, 1, "int32");
}

/**
 * Rows in the order of a permutation: row i of the result is row `permutation[i]` of `batch`.
 *
 * @param batch [N, ...].
 * @param permutation int32 [N].
 */
export function shuffle(batch: Tensor, permutation: Tensor): Tensor {
  return gatherRows(batch, permutation);
}

/**
 * The inverse of {@linkcode shuffle} with the same permutation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shuffle, tf, unshuffle } from "@momentum-contrast/moco";
 *
 * const order = tf.tensor1d([2, 0, 1], "int32");
 * const batch = tf.tensor2d([[10], [20], [30]]);
 * assertEquals([...unshuffle(shuffle(batch, order), order).dataSync()], [10, 20, 30]);
 * ```
 */
export function unshuffle(batch: Tensor, permutation: Tensor): Tensor {
  return gatherRows(batch, invertPermutation(permutation));
}

/**
 * Rows collected by group, so that group g is the g-th consecutive part, as batch norm's `groups` expects.
 *
 * @param batch [N, ...], sample i in group i mod `groups`.
 * @param groups A divisor of N.
 * @throws {TypeError} if N is not a multiple of `groups`.
 */
export function byGroup(batch: Tensor, groups: number): Tensor {
  const [n] = batch.shape;
  if (n % groups !== 0) {
    throw new TypeError(`Cannot group a batch: expected a multiple of ${groups} samples, found ${n}`);
  }
  return transposeRows(batch, n / groups, groups);
}

/** The inverse of {@linkcode byGroup}. */
export function inOrder(batch: Tensor, groups: number): Tensor {
  return transposeRows(batch, groups, batch.shape[0] / groups);
}

/** Rows seen as a matrix of `rows` x `columns`, read column by column. */
function transposeRows(batch: Tensor, rows: number, columns: number): Tensor {
  if (rows === 1 || columns === 1) return tf.clone(batch);
  const size = batch.size / batch.shape[0];
  return tf.reshape(tf.transpose(tf.reshape(batch, [rows, columns, size]), [1, 0, 2]), batch.shape);
}
