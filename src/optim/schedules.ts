/**
 * Values that follow the training step. A schedule is a function of the number of steps taken, so it can be traced and
 * resumed.
 *
 * Reference: reference/schedules.ts
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers, finite, fromZero, wholeFromOne } from "../core/check_numbers.ts";
import { gatherRows } from "../engine/ops/mod.ts";
import type { Schedule } from "./types.ts";

/**
 * A number or schedule after `step` steps, float32 scalar.
 *
 * @param value The number, which stays the same, or the schedule.
 * @param step Steps taken, int32 scalar.
 */
export function valueAt(value: number | Schedule, step: Tensor): Tensor {
  return typeof value === "number" ? tf.scalar(value) : value(step);
}

/**
 * The same value at every step.
 *
 * @param value The value.
 * @throws {RangeError} if it is not finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constant, tf } from "@momentum-contrast/moco";
 *
 * assertEquals(constant(0.5)(tf.scalar(1000, "int32")).dataSync()[0], 0.5);
 * ```
 */
export function constant(value: number): Schedule {
  checkNumbers("make a schedule", { value: [value, finite] });
  return () => tf.scalar(value);
}

/** A value that drops at milestones. */
export type StepDecay = {
  /** The value at first. */
  readonly base: number;
  /** When it drops, epochs. */
  readonly milestones: readonly number[];
  /** The factor at each milestone. Default 0.1. */
  readonly gamma?: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
};

/**
 * A value that is multiplied by `gamma` at each milestone: base gamma^(milestones that have passed).
 *
 * Source: arXiv:1911.05722, section 3.3.
 *
 * @param options The value, the milestones and the length of an epoch.
 * @throws {RangeError} if a number is not finite, a milestone is below 0, or an epoch has not a whole number of steps.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { stepDecay, tf } from "@momentum-contrast/moco";
 *
 * const rate = stepDecay({ base: 0.03, milestones: [120, 160], stepsPerEpoch: 10 });
 * assertAlmostEquals(rate(tf.scalar(1199, "int32")).dataSync()[0], 0.03, 1e-8);
 * assertAlmostEquals(rate(tf.scalar(1200, "int32")).dataSync()[0], 0.003, 1e-8);
 * ```
 */
export function stepDecay({ base, milestones, gamma = 0.1, stepsPerEpoch }: StepDecay): Schedule {
  checkNumbers("make a step schedule", {
    base: [base, finite],
    gamma: [gamma, finite],
    stepsPerEpoch: [stepsPerEpoch, wholeFromOne],
  });
  for (const milestone of milestones) checkNumbers("make a step schedule", { "a milestone": [milestone, fromZero] });
  const values = [base, ...milestones.map((_, index) => base * gamma ** (index + 1))];
  return (step) => {
    if (milestones.length === 0) return tf.scalar(base);
    const epoch = tf.floorDiv(step, tf.scalar(stepsPerEpoch, "int32"));
    // A milestone within an epoch takes effect at the next epoch. One beyond the greatest int32 is never reached.
    const due = tf.tensor1d(milestones.map((milestone) => Math.min(Math.ceil(milestone), 2 ** 31 - 1)), "int32");
    const passed = tf.sum(tf.cast(tf.greaterEqual(epoch, due), "int32"));
    return gatherRows(tf.tensor1d(values), passed);
  };
}

/** A value that falls along half a cosine. */
export type Cosine = {
  /** The value at first, or at the end of the warm-up. */
  readonly base: number;
  /** When it reaches zero, epochs. */
  readonly epochs: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Whether it changes with each step or with each epoch. Default "epoch", as in MoCo v2; v3: "iteration". */
  readonly per?: "epoch" | "iteration";
  /** Epochs of linear warm-up, which changes with each step. Default 0. */
  readonly warmupEpochs?: number;
};

/**
 * A value that falls to zero along half a cosine, after a linear warm-up from zero:
 *
 *     base t / warmup                                               before the warm-up's end
 *     base / 2 (1 + cos(pi (t - warmup) / (epochs - warmup)))       from then on
 *
 * after t epochs, of which the rate that changes with each epoch counts whole ones, and none before the warm-up's end.
 * It is computed in the equal form base sin^2(pi/2 (epochs - t) / (epochs - warmup)), which keeps its
 * precision near the end, where 1 + cos cancels.
 *
 * Source: arXiv:2003.04297, section 3; warm-up: arXiv:2104.02057, section 4.1.
 *
 * @param options The value and the lengths.
 * @throws {RangeError} if the warm-up is not shorter than the whole, a number is not finite, or an epoch has not a
 *   whole number of steps.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { cosine, tf } from "@momentum-contrast/moco";
 *
 * const rate = cosine({ base: 0.03, epochs: 200, stepsPerEpoch: 10 });
 * assertAlmostEquals(rate(tf.scalar(0, "int32")).dataSync()[0], 0.03, 1e-8);
 * assertAlmostEquals(rate(tf.scalar(1000, "int32")).dataSync()[0], 0.015, 1e-8);
 * ```
 */
export function cosine({ base, epochs, stepsPerEpoch, per = "epoch", warmupEpochs = 0 }: Cosine): Schedule {
  checkNumbers("make a cosine schedule", {
    base: [base, finite],
    epochs: [epochs, aboveZero],
    stepsPerEpoch: [stepsPerEpoch, wholeFromOne],
    warmupEpochs: [warmupEpochs, { ...fromZero, below: epochs }],
  });
  const falling: Schedule = (step) => {
    const epoch = tf.scalar(stepsPerEpoch, "int32");
    const at = per === "iteration" ? step : tf.mul(tf.floorDiv(step, epoch), epoch); // steps
    const length = (epochs - warmupEpochs) * stepsPerEpoch;
    const left = tf.sub(epochs * stepsPerEpoch, tf.cast(at, "float32"));
    // The epoch in which the warm-up ends began before that.
    const angle = tf.mul(tf.clipByValue(left, 0, length), Math.PI / 2 / length);
    return tf.mul(tf.square(tf.sin(angle)), base);
  };
  return warmup(falling, { base, steps: warmupEpochs * stepsPerEpoch });
}

/** A linear warm-up. */
export type Warmup = {
  /** The value that it rises to. */
  readonly base: number;
  /** How long it takes, steps. */
  readonly steps: number;
};

/**
 * A schedule that rises linearly from zero before it continues as another one: base step / steps, then `next`.
 *
 * @param next What follows; it counts the steps of the warm-up too.
 * @param options The height and the length of the warm-up.
 * @throws {RangeError} if the height is not finite, or the length is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { constant, tf, warmup } from "@momentum-contrast/moco";
 *
 * const rate = warmup(constant(0.4), { base: 0.4, steps: 10 });
 * assertAlmostEquals(rate(tf.scalar(5, "int32")).dataSync()[0], 0.2, 1e-7);
 * assertAlmostEquals(rate(tf.scalar(10, "int32")).dataSync()[0], 0.4, 1e-7);
 * ```
 */
export function warmup(next: Schedule, { base, steps }: Warmup): Schedule {
  checkNumbers("make a warm-up", { base: [base, finite], steps: [steps, fromZero] });
  if (steps === 0) return next;
  return (step: Tensor) => {
    const at = tf.cast(step, "float32");
    return tf.where(tf.less(at, steps), tf.mul(at, base / steps), next(step));
  };
}
