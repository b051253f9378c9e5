import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, fromZero, share } from "../core/check_numbers.ts";
import { map, zip } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";
import { decayed } from "./decayed.ts";
import { valueAt } from "./schedules.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** The numbers of SGD. */
export type SgdOptions = {
  /** The learning rate: a number, or a schedule. */
  readonly learningRate: number | Schedule;
  /** mu: what is kept of the velocity. Default 0.9. */
  readonly momentum?: number;
  /** wd: the share of every parameter, biases and batch norm included, that is added to its gradient. Default 0. */
  readonly weightDecay?: number;
  /** Whether an update looks ahead by the momentum, in Nesterov's form. Default false. */
  readonly nesterov?: boolean;
};

/** The state of SGD: a velocity for each parameter, zero at first. */
export type SgdState = { readonly velocity: Params };

/**
 * Stochastic gradient descent with momentum, in PyTorch's form:
 *
 *     velocity <- mu velocity + (gradient + wd param)
 *     update    = -learningRate velocity
 *
 * In Nesterov's form the update is -learningRate (gradient + wd param + mu velocity), with the velocity of this step.
 *
 * Source: arXiv:1911.05722, section 3.3; Nesterov's form: `torch.optim.SGD`. Reference: reference/sgd.ts
 *
 * @param options Learning rate, momentum, weight decay and form.
 * @throws {RangeError} if a number is below 0, or the momentum above 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyUpdates, sgd, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = sgd({ learningRate: 0.5, momentum: 0.5 });
 * const params = { w: tf.tensor1d([1, 2]) };
 * const gradients = { w: tf.tensor1d([2, 4]) };
 * const { updates } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
 * assertEquals([...applyUpdates(params, updates).w.dataSync()], [0, 0]);
 * ```
 */
export function sgd(
  { learningRate, momentum = 0.9, weightDecay = 0, nesterov = false }: SgdOptions,
): Optimizer<SgdState> {
  checkNumbers("make SGD", {
    learningRate: [learningRate, fromZero],
    momentum: [momentum, share],
    weightDecay: [weightDecay, fromZero],
  });
  const moved = (_: string, velocity: Tensor, gradient: Tensor, param: Tensor): Tensor =>
    tf.add(tf.mul(momentum, velocity), decayed(gradient, param, weightDecay));
  return {
    init: (params) => ({ velocity: map((leaf) => tf.zerosLike(leaf), params) }),
    update: (gradients, state, params, step) => {
      const down = tf.neg(valueAt(learningRate, step));
      const velocity = zip(moved, state.velocity, gradients, params);
      const direction = nesterov ? zip(moved, velocity, gradients, params) : velocity;
      return { updates: map((leaf) => tf.mul(down, leaf), direction), state: { velocity } };
    },
  };
}
