import { type Tensor, tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers, fromZero, share } from "../core/check_numbers.ts";
import { map, zip } from "../core/tree.ts";
import { halfSquaredNorm } from "../engine/ops/mod.ts";
import type { Params } from "../nn/types.ts";
import { decayed } from "./decayed.ts";
import { valueAt } from "./schedules.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** The numbers of LARS. */
export type LarsOptions = {
  /** The learning rate: a number, or a schedule. */
  readonly learningRate: number | Schedule;
  /** mu: what is kept of the velocity. Default 0.9. */
  readonly momentum?: number;
  /** wd: the share of a parameter that is added to its gradient. Default 0; MoCo v3: 1e-6. */
  readonly weightDecay?: number;
  /**
   * eta, the trust coefficient: how far a gradient moves a parameter, as a share of its norm, at a learning rate of 1.
   * Default 0.001.
   */
  readonly trust?: number;
};

/** The state of LARS: a velocity for each parameter, zero at first. */
export type LarsState = { readonly velocity: Params };

/**
 * Layer-wise adaptive rate scaling, with the learning rate outside the velocity:
 *
 *     d         = gradient + wd param
 *     local     = trust |param| / |d|        where both norms are above 0, else 1
 *     velocity <- mu velocity + local d
 *     update    = -learningRate velocity
 *
 * The norm is that of the decayed gradient, as in MoCo v3's code; the paper of LARS adds |gradient| and wd |param|.
 *
 * Parameters of one axis (biases, and the scales and offsets of normalisation) are neither decayed nor adapted: for
 * them d = gradient and local = 1.
 *
 * Source: arXiv:1708.03888, algorithm 1; used by arXiv:2104.02057, section 4.1. Reference: reference/lars.ts
 *
 * @param options Learning rate, momentum, weight decay and trust.
 * @throws {RangeError} if a number is below 0, the momentum above 1, or the trust 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { applyUpdates, lars, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = lars({ learningRate: 10, trust: 0.01 });
 * const params = { w: tf.tensor2d([[3], [4]]) };
 * const gradients = { w: tf.tensor2d([[0], [100]]) }; // its length does not matter
 * const { updates } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
 * assertAlmostEquals(applyUpdates(params, updates).w.dataSync()[1], 4 - 10 * 0.01 * 5, 1e-6);
 * ```
 */
export function lars(
  { learningRate, momentum = 0.9, weightDecay = 0, trust = 0.001 }: LarsOptions,
): Optimizer<LarsState> {
  checkNumbers("make LARS", {
    learningRate: [learningRate, fromZero],
    momentum: [momentum, share],
    weightDecay: [weightDecay, fromZero],
    trust: [trust, aboveZero],
  });
  return {
    init: (params) => ({ velocity: map((leaf) => tf.zerosLike(leaf), params) }),
    update: (gradients, state, params, step) => {
      const down = tf.neg(valueAt(learningRate, step));
      const velocity = zip(
        (_, velocity, gradient, param) => {
          const adapts = param.rank > 1;
          const d = adapts ? decayed(gradient, param, weightDecay) : gradient;
          const local = adapts ? localRate(param, d, trust) : tf.scalar(1);
          return tf.add(tf.mul(momentum, velocity), tf.mul(local, d));
        },
        state.velocity,
        gradients,
        params,
      );
      return { updates: map((leaf) => tf.mul(down, leaf), velocity), state: { velocity } };
    },
  };
}

/** trust |param| / |d|, or 1 where either norm is 0. */
function localRate(param: Tensor, d: Tensor, trust: number): Tensor {
  const [size, slope] = [halfSquaredNorm(param), halfSquaredNorm(d)]; // scalars
  const both = tf.logicalAnd(tf.greater(size, 0), tf.greater(slope, 0));
  return tf.where(both, tf.mul(trust, tf.sqrt(tf.div(size, slope))), tf.scalar(1));
}
