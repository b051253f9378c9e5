import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, fromZero, shareBelowOne } from "../core/check_numbers.ts";
import { map, zip } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";
import { valueAt } from "./schedules.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** The numbers of AdamW. */
export type AdamWOptions = {
  /** The learning rate: a number, or a schedule. */
  readonly learningRate: number | Schedule;
  /** beta1: what is kept of the mean gradient. Default 0.9. */
  readonly beta1?: number;
  /** beta2: what is kept of the mean squared gradient. Default 0.999. */
  readonly beta2?: number;
  /** What is added to the root of the mean square; with 0, a gradient of 0 gives no number. Default 1e-8. */
  readonly epsilon?: number;
  /** wd: the decay rate of every parameter, biases and normalisation included. Default 0.01; MoCo v3: 0.1. */
  readonly weightDecay?: number;
};

/** The state of AdamW. */
export type AdamWState = {
  /** Updates made, int32 scalar. */
  readonly count: Tensor;
  /** The running mean of the gradients, zero at first. */
  readonly first: Params;
  /** The running mean of their squares, zero at first. */
  readonly second: Params;
};

/**
 * Adam with decoupled weight decay, at its t-th update:
 *
 *     first  <- beta1 first + (1 - beta1) gradient
 *     second <- beta2 second + (1 - beta2) gradient^2
 *     update  = -learningRate / (1 - beta1^t) first / (sqrt(second) / sqrt(1 - beta2^t) + epsilon)
 *               - learningRate wd param
 *
 * The divisors 1 - beta1^t and 1 - beta2^t correct the two means for starting at zero.
 *
 * Source: arXiv:1711.05101, algorithm 2; used by arXiv:2104.02057, section 4.1. Reference: reference/adamw.ts
 *
 * @param options Learning rate, the two betas, epsilon and weight decay.
 * @throws {RangeError} if a number is below 0, or a beta is not below 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adamW, applyUpdates, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = adamW({ learningRate: 0.5, weightDecay: 0.1 });
 * const params = { w: tf.tensor1d([2]) };
 * const { updates } = optimizer.update({ w: tf.tensor1d([7]) }, optimizer.init(params), params, tf.scalar(0, "int32"));
 * assertAlmostEquals(applyUpdates(params, updates).w.dataSync()[0], 2 - 0.5 * (1 + 0.1 * 2), 1e-6);
 * ```
 */
export function adamW(
  { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions,
): Optimizer<AdamWState> {
  checkNumbers("make AdamW", {
    learningRate: [learningRate, fromZero],
    beta1: [beta1, shareBelowOne],
    beta2: [beta2, shareBelowOne],
    epsilon: [epsilon, fromZero],
    weightDecay: [weightDecay, fromZero],
  });
  const zeros = (params: Params) => map((leaf) => tf.zerosLike(leaf), params);
  return {
    init: (params) => ({ count: tf.scalar(0, "int32"), first: zeros(params), second: zeros(params) }),
    update: (gradients, state, params, step) => {
      const count = tf.add(state.count, tf.scalar(1, "int32")); // t
      const [bias1, bias2] = [biasCorrection(beta1, count), biasCorrection(beta2, count)];
      const first = zip((_, mean, gradient) => moved(beta1, mean, gradient), state.first, gradients);
      const second = zip((_, mean, gradient) => moved(beta2, mean, tf.square(gradient)), state.second, gradients);
      const rate = valueAt(learningRate, step);
      const [down, root, decay] = [tf.neg(tf.div(rate, bias1)), tf.sqrt(bias2), tf.mul(-weightDecay, rate)]; // scalars
      const updates = zip(
        (_, first, second, param) => {
          const adapted = tf.div(first, tf.add(tf.div(tf.sqrt(second), root), epsilon));
          return tf.add(tf.mul(down, adapted), tf.mul(decay, param));
        },
        first,
        second,
        params,
      );
      return { updates, state: { count, first, second } };
    },
  };
}

/** beta mean + (1 - beta) value. */
function moved(beta: number, mean: Tensor, value: Tensor): Tensor {
  return tf.add(tf.mul(beta, mean), tf.mul(1 - beta, value));
}

/** 1 - beta^t. Computed as written, it would keep few float32 digits for beta near 1 and small t. */
function biasCorrection(beta: number, t: Tensor): Tensor {
  return beta === 0 ? tf.scalar(1) : tf.neg(tf.expm1(tf.mul(tf.cast(t, "float32"), Math.log(beta))));
}
