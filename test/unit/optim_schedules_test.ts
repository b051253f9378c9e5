import { assertThrows } from "@std/assert";
import { cosineRate, epochOf, stepRate, warmupCosineRate } from "../../reference/schedules.ts";
import { jit, tf } from "../../src/engine/mod.ts";
import { scope } from "../../src/core/scope.ts";
import { momentumSchedule } from "../../src/methods/momentum_schedule.ts";
import { constant, cosine, stepDecay, warmup } from "../../src/optim/schedules.ts";
import type { Schedule } from "../../src/optim/types.ts";
import { assertClose } from "../support/close.ts";

/** Compares at every step, run eagerly and traced. */
function assertSchedule(schedule: Schedule, expected: (step: number) => number, steps: number): void {
  const traced = jit((step: tf.Tensor) => schedule(step));
  scope(() => {
    for (let step = 0; step <= steps; step++) {
      const at = tf.scalar(step, "int32");
      assertClose(schedule(at), expected(step), "elementwise", `step ${step}`);
      assertClose(traced(at), expected(step), "elementwise", `step ${step}, traced`);
    }
  });
}

Deno.test("constant is the same at every step", () => assertSchedule(constant(0.03), () => 0.03, 3));

Deno.test("step decay drops at its milestones and at no other step", () => {
  const stepsPerEpoch = 3;
  for (const milestones of [[2, 4], [1], []]) {
    assertSchedule(
      stepDecay({ base: 0.03, milestones, stepsPerEpoch }),
      (step) => stepRate(0.03, epochOf(step, stepsPerEpoch, "epoch"), milestones),
      15,
    );
  }
  assertSchedule(
    stepDecay({ base: 1, milestones: [1.5], gamma: 0.5, stepsPerEpoch }),
    (step) => stepRate(1, epochOf(step, stepsPerEpoch, "epoch"), [1.5], 0.5),
    9,
  );
});

Deno.test("cosine follows the reference per epoch and per iteration, from base to 0", () => {
  for (const per of ["epoch", "iteration"] as const) {
    assertSchedule(
      cosine({ base: 0.03, epochs: 5, stepsPerEpoch: 4, per }),
      (step) => cosineRate(0.03, epochOf(step, 4, per), 5),
      20,
    );
  }
});

Deno.test("cosine stays at 0 after its end", () => {
  scope(() => {
    for (const per of ["epoch", "iteration"] as const) {
      assertClose(cosine({ base: 1, epochs: 5, stepsPerEpoch: 4, per })(tf.scalar(23, "int32")), 0, "exact");
    }
  });
});

Deno.test("cosine keeps its relative precision to the last step", () => {
  scope(() => {
    const rate = cosine({ base: 0.03, epochs: 1000, stepsPerEpoch: 100, per: "iteration" })(tf.scalar(99_999, "int32"));
    // 1 - cos(d) = d^2/2 to float64's precision.
    assertClose(rate, 0.03 / 4 * (Math.PI / 100_000) ** 2, { relative: 1e-6, absolute: 0 });
  });
});

Deno.test("a warm-up rises by the step, whatever follows", () => {
  assertSchedule(
    cosine({ base: 0.6, epochs: 6, stepsPerEpoch: 4, per: "iteration", warmupEpochs: 2 }),
    (step) => warmupCosineRate(0.6, step / 4, 6, 2),
    24,
  );
  assertSchedule(
    cosine({ base: 0.6, epochs: 6, stepsPerEpoch: 4, per: "epoch", warmupEpochs: 1.5 }),
    (step) => step < 6 ? 0.6 * step / 6 : cosineRate(0.6, Math.max(0, Math.floor(step / 4) - 1.5), 4.5),
    24,
  );
  // The second half of the only epoch.
  assertSchedule(
    cosine({ base: 1, epochs: 1, stepsPerEpoch: 4, per: "epoch", warmupEpochs: 0.5 }),
    (step) => [0, 0.5, 1, 1, 0][step],
    4,
  );
  assertSchedule(warmup(constant(2), { base: 2, steps: 5 }), (step) => Math.min(1, step / 5) * 2, 8);
});

Deno.test("schedules without length are refused", () => {
  assertThrows(
    () => cosine({ base: 1, epochs: 2, stepsPerEpoch: 1, warmupEpochs: 2 }),
    RangeError,
    "expected warmupEpochs to be a number of at least 0 and below 2, found 2",
  );
  assertThrows(() => stepDecay({ base: 1, milestones: [], stepsPerEpoch: 0 }), RangeError, "found 0");
});

Deno.test("an epoch has a whole number of steps, whatever the schedule", () => {
  for (const stepsPerEpoch of [2.5, NaN, Infinity]) {
    const message = `expected stepsPerEpoch to be a whole number of at least 1, found ${stepsPerEpoch}`;
    assertThrows(() => cosine({ base: 1, epochs: 2, stepsPerEpoch }), RangeError, message);
    assertThrows(() => stepDecay({ base: 1, milestones: [1], stepsPerEpoch }), RangeError, message);
    assertThrows(() => momentumSchedule({ base: 0.9, epochs: 2, stepsPerEpoch }), RangeError, message);
  }
});

Deno.test("a milestone beyond the greatest step is never reached", () => {
  const greatest = 2 ** 31 - 1;
  for (const milestone of [greatest, 3e9, Number.MAX_VALUE]) {
    assertSchedule(stepDecay({ base: 1, milestones: [milestone], stepsPerEpoch: 1 }), () => 1, 3);
  }
  assertThrows(
    () => stepDecay({ base: 1, milestones: [1, Infinity], stepsPerEpoch: 1 }),
    RangeError,
    "expected a milestone to be a number of at least 0, found Infinity",
  );
});
