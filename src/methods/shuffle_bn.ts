/**
 * Shuffling batch norm.
 *
 * Batch norm lets a query recognise its key by the statistics of the group in which both were normalised. So the key
 * batch is normalised in different groups from the query batch. A group is a device, or a virtual part of the batch on
 * one: sample i is normalised in group i mod n. The key batch is permuted before encoding, and its keys are un-permuted
 * afterwards: see `exchange` of {@linkcode Devices}.
 *
 * Source: arXiv:1911.05722, section 3.3. Reference: reference/shuffle_bn.ts
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import type { Devices } from "../core/devices.ts";
import { type Key, permutation } from "../core/random.ts";
import type { Views } from "./types.ts";

/**
 * The order in which a step puts the key batch of all devices: the views' own if they have one, otherwise a random one.
 *
 * @param random The random key.
 * @param views The views of the step.
 * @param shuffled Whether the batch is shuffled at all; if not, the order of the images is kept.
 * @param devices The devices that train together.
 * @returns A permutation of the whole batch, int32 [N].
 */
export function shufflingOrder(random: Key, views: Views, shuffled: boolean, { count }: Devices): Tensor {
  const size = count * views.query.shape[0];
  return shuffled ? views.shuffle ?? permutation(random, size) : tf.range(0, size, 1, "int32");
}

/**
 * Rows collected by group, so that group g is the g-th consecutive part, as batch norm's `groups` expects.
 *
 * @param batch [N, ...], sample i in group i mod `groups`.
 * @param groups A divisor of N.
 * @returns Fresh rows of the same shape.
 * @throws {TypeError} if N is not a multiple of `groups`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { byGroup, inOrder, tf } from "@momentum-contrast/moco";
 *
 * const grouped = byGroup(tf.tensor1d([0, 1, 2, 3, 4, 5]), 2);
 * assertEquals([...grouped.dataSync()], [0, 2, 4, 1, 3, 5]);
 * assertEquals([...inOrder(grouped, 2).dataSync()], [0, 1, 2, 3, 4, 5]);
 * ```
 */
export function byGroup(batch: Tensor, groups: number): Tensor {
  const [n] = batch.shape;
  if (n % groups !== 0) {
    throw new TypeError(`Cannot group a batch: expected a multiple of ${groups} samples, found ${n}`);
  }
  return transposeRows(batch, n / groups, groups);
}

/**
 * The inverse of {@linkcode byGroup}.
 *
 * @param batch [N, ...], group by group.
 * @param groups A divisor of N.
 * @returns Fresh rows of the same shape, sample i from group i mod `groups`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inOrder, tf } from "@momentum-contrast/moco";
 *
 * assertEquals([...inOrder(tf.tensor1d([0, 2, 4, 1, 3, 5]), 2).dataSync()], [0, 1, 2, 3, 4, 5]);
 * ```
 */
export function inOrder(batch: Tensor, groups: number): Tensor {
  return transposeRows(batch, groups, batch.shape[0] / groups);
}

/** Rows seen as a matrix of `rows` x `columns`, read column by column. */
function transposeRows(batch: Tensor, rows: number, columns: number): Tensor {
  if (rows === 1 || columns === 1) return tf.clone(batch);
  const size = batch.size / batch.shape[0];
  return tf.reshape(tf.transpose(tf.reshape(batch, [rows, columns, size]), [1, 0, 2]), batch.shape);
}
