import { checkNumbers, share } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { type Tree, zipAlike } from "../core/tree.ts";

/**
 * The momentum update: the key encoder follows the query encoder slowly.
 *
 *     key <- m key + (1 - m) query
 *
 * It covers parameters only: each encoder measures its own batch-norm statistics.
 *
 * Source: arXiv:1911.05722, eq. 2. Reference: reference/ema.ts
 *
 * @param key The key encoder's parameters, a tree of float32 tensors.
 * @param query The query encoder's, of the same structure.
 * @param momentum m in [0, 1]: a number, or a float32 scalar that follows a schedule.
 * @returns The next key parameters; fresh tensors.
 * @throws {RangeError} if the momentum is a number outside [0, 1].
 * @throws {TypeError} if the structures or the shapes differ; the message names the path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ema, tf } from "@momentum-contrast/moco";
 *
 * const next = ema({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([3, 6]) }, 0.75);
 * assertEquals([...next.w.dataSync()], [1.5, 3]);
 * ```
 */
export function ema<P extends Tree>(key: P, query: P, momentum: number | Tensor): P {
  if (typeof momentum === "number") checkNumbers("move a key encoder", { momentum: [momentum, share] });
  const m = typeof momentum === "number" ? tf.scalar(momentum) : momentum;
  const rest = tf.sub(1, m);
  return zipAlike("move", (_, key, query) => tf.add(tf.mul(m, key), tf.mul(rest, query)), key, query);
}
