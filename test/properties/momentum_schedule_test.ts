import fc from "fast-check";
import { assert, assertThrows } from "@std/assert";
import { momentumAt } from "../../reference/momentum_schedule.ts";
import { scope } from "../../src/core/scope.ts";
import { jit, tf } from "../../src/engine/mod.ts";
import { momentumSchedule } from "../../src/methods/momentum_schedule.ts";
import { floats, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

const schedules = fc.record({ base: floats(0, 1), epochs: sizes(1, 200), stepsPerEpoch: sizes(1, 500) });

Deno.test("the momentum schedule equals the reference: the base at 0, halfway to 1 in the middle, 1 at the end", () => {
  fc.assert(
    fc.property(
      schedules,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ base, epochs, stepsPerEpoch }, share) =>
        scope(() => {
          const momentum = momentumSchedule({ base, epochs, stepsPerEpoch });
          const at = (step: number) => momentum(tf.scalar(step, "int32"));
          const total = epochs * stepsPerEpoch;
          for (const step of [0, 1, Math.floor(share * total), total - 1, total]) {
            assertClose(at(step), momentumAt(base, step / total), "elementwise", `momentum of step ${step}`);
          }
          assertClose(at(0), base, "elementwise", "start");
          if (total % 2 === 0) assertClose(at(total / 2), (1 + base) / 2, "elementwise", "middle");
          assertClose(at(total), 1, "exact", "end");
          assertClose(at(total + 7), 1, "exact", "after the end");
        }),
    ),
    { numRuns: 40 },
  );
});

Deno.test("the momentum changes within an epoch and never falls, traced", () => {
  const momentum = jit(momentumSchedule({ base: 0.5, epochs: 2, stepsPerEpoch: 4 }));
  scope(() => {
    const values = Array.from({ length: 9 }, (_, step) => momentum(tf.scalar(step, "int32")).dataSync()[0]);
    values.slice(1).forEach((value, step) => assert(value > values[step]));
  });
});

Deno.test("a momentum outside of [0, 1] is refused", () => {
  assertThrows(() => momentumSchedule({ base: 1.5, epochs: 1, stepsPerEpoch: 1 }), RangeError, "found 1.5");
});
