import { tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers, share, wholeFromOne } from "../core/check_numbers.ts";
import { cosine } from "../optim/schedules.ts";
import type { Schedule } from "../optim/types.ts";

/** A momentum that rises to one. */
export type MomentumSchedule = {
  /** m at the first step; the paper: 0.99, and 0.996 for 1000 epochs. */
  readonly base: number;
  /** When it reaches 1, epochs. */
  readonly epochs: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
};

/**
 * The momentum of the key encoder in MoCo v3, which rises to 1 at every step, along half a cosine:
 *
 *     m(t) = 1 - (1 - base) (1 + cos(pi t)) / 2,    t = step / (epochs stepsPerEpoch)
 *
 * Source: arXiv:2104.02057, section 4.1. Reference: reference/momentum_schedule.ts
 *
 * @param options Where it begins, and how long it rises.
 * @throws {RangeError} if the first momentum is not in [0, 1], or the length is not above 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { momentumSchedule, tf } from "@momentum-contrast/moco";
 *
 * const momentum = momentumSchedule({ base: 0.99, epochs: 100, stepsPerEpoch: 10 });
 * const at = (step: number) => momentum(tf.scalar(step, "int32")).dataSync()[0];
 * assertAlmostEquals(at(0), 0.99, 1e-6);
 * assertAlmostEquals(at(500), 0.995, 1e-6);
 * assertAlmostEquals(at(1000), 1, 1e-6);
 * ```
 */
export function momentumSchedule({ base, epochs, stepsPerEpoch }: MomentumSchedule): Schedule {
  checkNumbers("make a momentum schedule", {
    base: [base, share],
    epochs: [epochs, aboveZero],
    stepsPerEpoch: [stepsPerEpoch, wholeFromOne],
  });
  const rest = cosine({ base: 1 - base, epochs, stepsPerEpoch, per: "iteration" });
  return (step) => tf.sub(1, rest(step));
}
