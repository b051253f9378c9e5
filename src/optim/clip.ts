import { tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { map, type Tree } from "../core/tree.ts";
import { globalNorm } from "./global_norm.ts";
import type { Optimizer } from "./types.ts";

/**
 * An optimizer that sees gradients of at most a given global norm: longer ones are all scaled down by one factor.
 *
 *     gradient <- gradient min(1, max / |gradients|)
 *
 * Source: arXiv:1211.5063, algorithm 1. Reference: reference/clip.ts
 *
 * @param optimizer What turns the clipped gradients into updates.
 * @param max The greatest norm over all elements of all leaves, above 0.
 * @throws {RangeError} if it is not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyUpdates, clipByGlobalNorm, sgd, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = clipByGlobalNorm(sgd({ learningRate: 1 }), 1);
 * const params = { w: tf.zeros([2]) };
 * const gradients = { w: tf.tensor1d([0, 4]) };
 * const { updates } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
 * assertEquals([...applyUpdates(params, updates).w.dataSync()], [0, -1]);
 * ```
 */
export function clipByGlobalNorm<S extends Tree>(optimizer: Optimizer<S>, max: number): Optimizer<S> {
  checkNumbers("clip gradients", { max: [max, aboveZero] });
  return {
    init: optimizer.init,
    update: (gradients, state, params, step) => {
      const share = tf.minimum(1, tf.div(max, globalNorm(gradients))); // 1 where the norm is 0
      return optimizer.update(map((leaf) => tf.mul(leaf, share), gradients), state, params, step);
    },
  };
}
