import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Key, normal } from "../core/random.ts";
import { l2Normalize } from "./l2_normalize.ts";

/** The dictionary of past keys, first in, first out. */
export type Queue = {
  /** Unit rows, the oldest first, float32 [K, D]. */
  readonly keys: Tensor;
  /** How many of them are keys of images; the others are still the initial random rows. int32 scalar. */
  readonly filled: Tensor;
};

/**
 * A queue of random unit rows.
 *
 * @param key The random key, int32 [2].
 * @param size K, the number of negatives.
 * @param dimension D, the length of a key.
 * @throws {RangeError} if one of them is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initQueue, key } from "@momentum-contrast/moco";
 *
 * assertEquals(initQueue(key(0), 8, 2).keys.shape, [8, 2]);
 * ```
 */
export function initQueue(key: Key, size: number, dimension: number): Queue {
  checkNumbers("make a queue", { size: [size, wholeFromOne], dimension: [dimension, wholeFromOne] });
  return { keys: l2Normalize(normal(key, [size, dimension])), filled: tf.scalar(0, "int32") };
}

/**
 * Adds the newest N keys and removes the oldest N.
 *
 * The rows are kept in order of age, so there is no cursor to wrap around and any batch up to K fits.
 *
 * Source: arXiv:1911.05722, section 3.2. Reference: reference/queue.ts
 *
 * @param queue The queue before, K keys.
 * @param keys Unit rows, float32 [N, D], N at most K.
 * @returns The next queue; fresh tensors.
 * @throws {TypeError} if they do not fit the queue.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { enqueue, tf } from "@momentum-contrast/moco";
 *
 * const queue = { keys: tf.tensor2d([[1], [2], [3]]), filled: tf.scalar(0, "int32") };
 * const next = enqueue(queue, tf.tensor2d([[4], [5]]));
 * assertEquals([...next.keys.dataSync()], [3, 4, 5]);
 * assertEquals(next.filled.dataSync()[0], 2);
 * ```
 */
export function enqueue(queue: Queue, keys: Tensor): Queue {
  const [size, dimension] = queue.keys.shape;
  const [count] = keys.shape;
  if (keys.rank !== 2 || keys.shape[1] !== dimension || count > size) {
    throw new TypeError(
      `Cannot enqueue: expected keys [N, ${dimension}] with N of at most ${size}, found [${keys.shape}]`,
    );
  }
  const kept = tf.slice(queue.keys, [count, 0], [size - count, dimension]); // [K-N, D]
  const filled = tf.minimum(tf.add(queue.filled, tf.scalar(count, "int32")), tf.scalar(size, "int32"));
  return { keys: tf.concat([kept, keys], 0), filled };
}

/** The share of a queue that holds keys of images, float32 scalar. */
export function realShare({ keys, filled }: Queue): Tensor {
  return tf.mul(tf.cast(filled, "float32"), 1 / keys.shape[0]);
}
