import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, shareBelowOne, wholeFromOne } from "../core/check_numbers.ts";
import { type Devices, rowsHere, virtualDevices } from "../core/devices.ts";
import { integers, type Key } from "../core/random.ts";
import { countAtMost } from "../engine/ops/mod.ts";
import { l2Normalize } from "./l2_normalize.ts";

/**
 * The memory bank: a stored key for each image of the data set. n devices share it: device r has the keys of the images
 * i with i mod n = r.
 */
export type Bank = {
  /** A row for each image: zero until the image is seen, then of unit length. float32 [M, D], or [M / n, D]. */
  readonly keys: Tensor;
  /** Whether each image has been seen. bool [M], or [M / n]. */
  readonly seen: Tensor;
};

/**
 * An empty bank: zero rows.
 *
 * arXiv:1805.01978 (section 3.1) begins with random unit rows. Each of them is then a query's positive for an epoch. In
 * the short trainings of docs/mechanisms.md that cost some 14 points of kNN accuracy.
 *
 * @param images M, the images of the data set.
 * @param dimension D, the length of a key.
 * @param devices The devices that share it. Default: a single one.
 * @throws {RangeError} if the images or the dimension are not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initBank } from "@momentum-contrast/moco";
 *
 * assertEquals([...initBank(2, 2).keys.dataSync()], [0, 0, 0, 0]);
 * ```
 */
export function initBank(images: number, dimension: number, devices: Devices = virtualDevices()): Bank {
  checkNumbers("make a memory bank", { images: [images, wholeFromOne], dimension: [dimension, wholeFromOne] });
  const rows = rowsHere(images, devices);
  return { keys: tf.zeros([rows, dimension]), seen: tf.fill([rows], 0, "bool") };
}

/**
 * The stored keys of some images.
 *
 * @param index Their places, int32 [N], the same on all devices.
 * @returns Unit rows, or zero for images that were not seen: float32 [N, D].
 */
export function recall(bank: Bank, index: Tensor, { rowsAt }: Devices): Tensor {
  return rowsAt(bank.keys, index);
}

/**
 * Which of some images have a stored key.
 *
 * @param index Their places, int32 [N], the same on all devices.
 * @returns 1 or 0, float32 [N, 1].
 */
export function isStored(bank: Bank, index: Tensor, { rowsAt }: Devices): Tensor {
  return tf.reshape(rowsAt(bank.seen, index), [-1, 1]);
}

/**
 * Moves the stored keys of a batch's images towards their new features; every other row stays as it is.
 *
 *     v_i <- l2(m v_i + (1 - m) q_i)
 *
 * The momentum is on the representation of an image, not on the encoder. The first feature of an image becomes its key
 * as it is, because its row is zero until then.
 *
 * Source: arXiv:1805.01978 as arXiv:1911.05722 describes it, section 3.2. Reference: reference/memory_bank.ts
 *
 * @param bank The bank before.
 * @param index The places of the images of all devices, int32 [N], each at most once.
 * @param features Their features, unit rows, float32 [N, D].
 * @param momentum m in [0, 1): with 1, an image that was not seen would never get a key.
 * @param devices The devices that share the bank. Default: a single one.
 * @throws {RangeError} if the momentum is not in [0, 1).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { remember, tf } from "@momentum-contrast/moco";
 *
 * const bank = { keys: tf.tensor2d([[1, 0], [0, 1]]), seen: tf.tensor1d([false, false], "bool") };
 * const next = remember(bank, tf.tensor1d([1], "int32"), tf.tensor2d([[-1, 0]]), 0);
 * assertEquals([...next.keys.dataSync()], [1, 0, -1, 0]);
 * assertEquals([...next.seen.dataSync()], [0, 1]);
 * ```
 */
export function remember(
  bank: Bank,
  index: Tensor,
  features: Tensor,
  momentum: number,
  { changeRows }: Devices = virtualDevices(),
): Bank {
  checkNumbers("remember features", { momentum: [momentum, shareBelowOne] });
  const moved = (keys: Tensor) => l2Normalize(tf.add(tf.mul(keys, momentum), tf.mul(features, 1 - momentum))); // [N, D]
  return {
    keys: changeRows(bank.keys, index, moved),
    seen: changeRows(bank.seen, index, (seen) => tf.onesLike(seen)),
  };
}

/**
 * A dictionary for a batch: the places of K images that are not in it, drawn uniformly with replacement.
 *
 * arXiv:1805.01978 draws from all rows (its noise is uniform over the M images). Here the batch's own are left out, so
 * that no negative is a query's own positive. If K is near M, as on small data sets, most queries would meet theirs.
 *
 * @param key The random key.
 * @param index The places of the batch's images, int32 [N], each at most once.
 * @param count K.
 * @param images M, above N.
 * @returns int32 [K].
 * @throws {RangeError} if there are no other images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, sampleOthers, tf } from "@momentum-contrast/moco";
 *
 * const others = sampleOthers(key(0), tf.tensor1d([3, 0, 1], "int32"), 5, 4);
 * assertEquals([...others.dataSync()], [2, 2, 2, 2, 2]);
 * ```
 */
export function sampleOthers(key: Key, index: Tensor, count: number, images: number): Tensor {
  const [batch] = index.shape;
  if (batch >= images) {
    throw new RangeError(`Cannot sample negatives: expected more images than the ${batch} of a batch, found ${images}`);
  }
  // The r-th image outside the batch is at place r plus the number of the batch's images before it. With the batch's
  // places in order, b_0 < b_1 < ..., image b_j has b_j - j other images before it, and counts if that is at most r.
  const rank = integers(key, [count], images - batch); // [K]
  const places = tf.neg(tf.topk(tf.neg(index), batch).values); // ascending, [N]
  const othersBefore = tf.sub(places, tf.range(0, batch, 1, "int32")); // [N]
  return tf.add(rank, countAtMost(othersBefore, rank));
}

/**
 * The share of the images that have a stored key, as this device sees it: the mean over all devices is the share.
 *
 * @param images M.
 * @returns float32 scalar.
 */
export function seenShare({ seen }: Bank, images: number, { count }: Devices): Tensor {
  return tf.mul(tf.sum(tf.cast(seen, "float32")), count / images);
}
