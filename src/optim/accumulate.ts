/**
 * One update from the gradients of several batches, for batches that memory cannot hold at once.
 *
 * It is an optimizer around another one, not a step over several batches. Each batch is then a call of the same
 * compiled step. This bounds the memory, whereas a graph of all batches might run them side by side. A checkpoint may
 * be saved between any two batches.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, share, wholeFromOne } from "../core/check_numbers.ts";
import { map, type Tree, zip } from "../core/tree.ts";
import { select } from "../engine/ops/mod.ts";
import type { Params } from "../nn/types.ts";
import { valueAt } from "./schedules.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** The state of {@linkcode accumulate}. */
export type AccumulateState<S extends Tree> = {
  /** Batches since the last update, int32 scalar. */
  readonly count: Tensor;
  /** The sum of their gradients, each divided by n. */
  readonly sum: Params;
  /** The state of the optimizer that updates. */
  readonly inner: S;
};

/**
 * An optimizer that updates once in n steps, with the mean gradient of these n. The other steps' updates are zero.
 *
 * Each step costs the inner optimizer's work: a select takes or drops its result, so that a compiled step has no
 * branch. The inner optimizer is given the step at which the n began. A schedule in steps, or in epochs of so many
 * steps, therefore has the value that it would have in a run with n times larger batches. Everything but the gradients
 * still happens at each step: batch norm and the negatives of v3 see only the small batch, and the key encoder moves
 * each time unless its momentum is {@linkcode everyNth} too.
 *
 * @param optimizer What turns the mean gradient into updates.
 * @param n Steps for one update, at least 1.
 * @throws {RangeError} if it is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { accumulate, applyUpdates, sgd, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = accumulate(sgd({ learningRate: 1 }), 2);
 * const params = { w: tf.tensor1d([0]) };
 * const first = optimizer.update({ w: tf.tensor1d([1]) }, optimizer.init(params), params, tf.scalar(0, "int32"));
 * const second = optimizer.update({ w: tf.tensor1d([3]) }, first.state, params, tf.scalar(1, "int32"));
 * const after = [first, second].map(({ updates }) => applyUpdates(params, updates).w.dataSync()[0]);
 * assertEquals(after, [0, -2]); // the mean gradient is 2
 * ```
 */
export function accumulate<S extends Tree>(optimizer: Optimizer<S>, n: number): Optimizer<AccumulateState<S>> {
  checkNumbers("accumulate gradients", { n: [n, wholeFromOne] });
  return {
    init: (params) => ({
      count: tf.scalar(0, "int32"),
      sum: map((leaf) => tf.zerosLike(leaf), params),
      inner: optimizer.init(params),
    }),
    update: (gradients, state, params, step) => {
      const count = tf.add(state.count, tf.scalar(1, "int32"));
      const due = tf.equal(count, tf.scalar(n, "int32"));
      const sum = zip((_, sum, gradient) => tf.add(sum, tf.mul(gradient, 1 / n)), state.sum, gradients);
      const began = tf.sub(step, tf.scalar(n - 1, "int32"));
      const { updates, state: inner } = optimizer.update(sum, state.inner, params, began);
      const orZero = (leaf: Tensor) => select(due, leaf, tf.zerosLike(leaf));
      return {
        updates: map(orZero, updates),
        state: {
          count: select(due, tf.scalar(0, "int32"), count),
          sum: map((leaf) => select(due, tf.zerosLike(leaf), leaf), sum),
          inner: zip((_, next, previous) => select(due, next, previous), inner, state.inner),
        },
      };
    },
  };
}

/**
 * A momentum that moves the key encoder only at every n-th step, and is 1 in between. With {@linkcode accumulate}, the
 * key encoder then moves once for each update.
 *
 * @param momentum The momentum: a number, or a schedule.
 * @param n Steps from one move to the next, at least 1; the first step moves.
 * @throws {RangeError} if it is not an integer of at least 1, or the momentum is a number outside [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { everyNth, tf } from "@momentum-contrast/moco";
 *
 * const momentum = everyNth(0.5, 2);
 * assertEquals([0, 1, 2].map((step) => momentum(tf.scalar(step, "int32")).dataSync()[0]), [0.5, 1, 0.5]);
 * ```
 */
export function everyNth(momentum: number | Schedule, n: number): Schedule {
  checkNumbers("move a key encoder", { momentum: [momentum, share], n: [n, wholeFromOne] });
  return (step) => {
    const due = tf.equal(tf.mod(step, tf.scalar(n, "int32")), tf.scalar(0, "int32"));
    return select(due, valueAt(momentum, step), tf.scalar(1));
  };
}
