import fc from "fast-check";
import { assert } from "@std/assert";
import { cosineRate, epochOf, stepRate, warmupCosineRate } from "../../reference/schedules.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { constant, cosine, stepDecay } from "../../src/optim/schedules.ts";
import type { Schedule } from "../../src/optim/types.ts";
import { floats, sizes } from "../support/arbitraries.ts";
import { assertClose, type Tolerance } from "../support/close.ts";

/** Near its end a rate is a small part of its base, and float32 rounds the angle: the allowed error is of the base. */
const ofBase = (base: number): Tolerance => ({ relative: 1e-6, absolute: 1e-6 * base });

function at(schedule: Schedule, step: number): number {
  return scope(() => schedule(tf.scalar(step, "int32")).dataSync()[0]);
}

const lengths = fc.record({
  base: floats(0.01, 2),
  epochs: sizes(2, 200),
  stepsPerEpoch: sizes(1, 500),
});

Deno.test("constant and stepDecay equal the reference, on both sides of every milestone", () => {
  const milestones = fc.uniqueArray(sizes(1, 199), { maxLength: 3 });
  fc.assert(
    fc.property(lengths, milestones, ({ base, stepsPerEpoch }, unordered) => {
      const milestones = unordered.toSorted((a, b) => a - b);
      const schedule = stepDecay({ base, milestones, stepsPerEpoch });
      const steps = [0, ...milestones.flatMap((epoch) => [epoch * stepsPerEpoch - 1, epoch * stepsPerEpoch])];
      for (const step of steps) {
        const expected = stepRate(base, epochOf(step, stepsPerEpoch, "epoch"), milestones);
        assertClose(at(schedule, step), expected, "elementwise", `rate of step ${step}`);
      }
      assertClose(at(constant(base), steps.at(-1)!), base, "elementwise");
    }),
    { numRuns: 40 },
  );
});

Deno.test("cosine equals the reference at the start, within, at the end of an epoch and at the end", () => {
  const cases = fc.tuple(
    lengths,
    fc.constantFrom("epoch" as const, "iteration" as const),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(cases, ([{ base, epochs, stepsPerEpoch }, per, share]) => {
      const schedule = cosine({ base, epochs, stepsPerEpoch, per });
      const total = epochs * stepsPerEpoch;
      for (const step of [0, stepsPerEpoch - 1, stepsPerEpoch, Math.floor(share * total), total - 1, total]) {
        const expected = cosineRate(base, epochOf(step, stepsPerEpoch, per), epochs);
        assertClose(at(schedule, step), expected, ofBase(base), `rate of step ${step}`);
      }
      assertClose(at(schedule, 0), base, "elementwise", "start");
      assertClose(at(schedule, total), 0, { relative: 0, absolute: 1e-12 }, "end");
    }),
    { numRuns: 40 },
  );
});

Deno.test("cosine with warm-up: linear from zero, the base at its end, then the cosine of what is left", () => {
  const cases = lengths.chain((length) => fc.tuple(fc.constant(length), sizes(1, length.epochs - 1)));
  fc.assert(
    fc.property(cases, ([{ base, epochs, stepsPerEpoch }, warmupEpochs]) => {
      const schedule = cosine({ base, epochs, stepsPerEpoch, per: "iteration", warmupEpochs });
      const [corner, total] = [warmupEpochs * stepsPerEpoch, epochs * stepsPerEpoch];
      for (const step of [0, 1, corner - 1, corner, corner + 1, Math.floor((corner + total) / 2), total]) {
        const expected = warmupCosineRate(base, step / stepsPerEpoch, epochs, warmupEpochs);
        assertClose(at(schedule, step), expected, ofBase(base), `rate of step ${step}`);
      }
      assertClose(at(schedule, 0), 0, "exact", "start");
      assertClose(at(schedule, corner), base, "elementwise", "end of the warm-up");
    }),
    { numRuns: 40 },
  );
});

Deno.test("a schedule never rises after its warm-up", () => {
  fc.assert(
    fc.property(
      lengths,
      sizes(0, 20000),
      sizes(0, 20000),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (run, a, b, share) => {
        const { base, epochs, stepsPerEpoch } = run;
        const warmupEpochs = share * epochs;
        const end = Math.ceil(warmupEpochs * stepsPerEpoch);
        for (const per of ["iteration", "epoch"] as const) {
          const schedule = cosine({ base, epochs, stepsPerEpoch, per, warmupEpochs });
          assert(at(schedule, end + Math.max(a, b)) <= at(schedule, end + Math.min(a, b)));
          assert(at(schedule, end) <= base * (1 + 1e-6));
        }
      },
    ),
    { numRuns: 40 },
  );
});
