import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { linesOf, nearest, pathOf, smoothed } from "../../src/serve/page/curves/lines.ts";
import { formatTick, linearTicks, logTicks, rangeOf, scaleOf } from "../../src/serve/page/curves/scale.ts";

const seed = { seed: 19, numRuns: 200 };
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

Deno.test("smoothing keeps what is constant, stays within the values, and does nothing without a weight", () => {
  assertEquals(smoothed([3, 1, 2], 0), [3, 1, 2]);
  const [first, second] = smoothed([4, 2], 0.5);
  assertEquals([first, second], [4, (0.25 * 4 + 0.5 * 2) / 0.75]);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.double({ min: 0, max: 0.99, noNaN: true }), (values, weight) => {
      const room = 1e-6 * Math.max(1, ...values.map(Math.abs));
      const [low, high] = [Math.min(...values) - room, Math.max(...values) + room];
      assert(smoothed(values, weight).every((mean) => mean >= low && mean <= high));
      smoothed(values.map(() => values[0]), weight).forEach((mean) => assertAlmostEquals(mean, values[0], room));
    }),
    seed,
  );
});

Deno.test("the nearest value is found as by looking at all of them", () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }).map((xs) =>
    xs.sort((a, b) => a - b)
  );
  fc.assert(
    fc.property(places, fc.integer({ min: -10, max: 1010 }), (xs, x) => {
      const least = Math.min(...xs.map((one) => Math.abs(one - x)));
      assertEquals(Math.abs(xs[nearest(xs, x)] - x), least);
    }),
    seed,
  );
});

Deno.test("ticks are round, few, in order and within the axis", () => {
  fc.assert(
    fc.property(value, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (low, factor) => {
      const width = factor * Math.max(1, Math.abs(low));
      const ticks = linearTicks(low, low + width);
      assert(ticks.length <= 7, `${ticks}`);
      assert(ticks.every((tick, at) => at === 0 || tick > ticks[at - 1]), `${ticks}`);
      const room = 1e-9 * (Math.abs(low) + width);
      assert(ticks.every((tick) => tick >= low - room && tick <= low + width + room), `${low} ${width}: ${ticks}`);
    }),
    seed,
  );
  assertEquals(linearTicks(0, 10), [0, 2, 4, 6, 8, 10]);
  assertEquals(logTicks(0.5, 60), [0.5, 1, 2, 5, 10, 20, 50]);
  assertEquals(logTicks(1e-9, 1e9).length <= 7, true);
  assertEquals(logTicks(5.9, 9.9), [6, 7, 8, 9]); // none of 1, 2, 5 and 10 lies between
});

Deno.test("no two values beside an axis are written alike", () => {
  const written = (low: number, high: number) => linearTicks(low, high).map((tick) => formatTick(tick, false));
  assertEquals(written(0, 2.1e-4), ["0", "5e-5", "1e-4", "1.5e-4", "2e-4"]);
  assertEquals(written(102.31, 102.36), ["102.31", "102.32", "102.33", "102.34", "102.35", "102.36"]);
  assertEquals([0, 0.125, 0.3].map((share) => formatTick(share, true)), ["0 %", "12.5 %", "30 %"]);
});

Deno.test("an axis leads its ends to its ends, equal steps or equal factors to equal ways", () => {
  const linear = scaleOf([2, 4], [0, 100], false);
  assertEquals([2, 3, 4].map(linear.place), [0, 50, 100]);
  const log = scaleOf([1, 100], [100, 0], true);
  assertEquals([1, 10, 100].map(log.place), [100, 50, 0]);
  assertEquals(rangeOf([1, NaN, 3, -1], { isLog: true, fromZero: false }), [1 / 1.1, 3 * 1.1]);
  assertEquals(rangeOf([NaN], { isLog: false, fromZero: false }), undefined);
  const [low, high] = rangeOf([5, 5], { isLog: false, fromZero: false })!;
  assert(low < 5 && high > 5);
});

Deno.test("a path has every point, or within a pixel the least, the greatest and the last", () => {
  const same = (value: number): number => value;
  assertEquals(pathOf([0, 1, 2], [5, 6, 7], same, same), "M0 5.0L1 6.0L2 7.0");
  assertEquals(pathOf([0, 0.1, 0.2, 0.2], [5, 99, -3, 4], same, same), "M0 -3.0L0 99.0L0 4.0");
  assertEquals(pathOf([0, 1], [-Infinity, 7], same, same), "M1 7.0"); // 0 on a logarithmic axis
  assertEquals(pathOf([], [], same, same), "");
});

Deno.test("a line leaves out the rows without its value, and is there only where a run has the curve", () => {
  const curves = new Map([[0, {
    generation: 0,
    steps: [1, 2, 3],
    epochs: [0.5, NaN, 1.5],
    values: new Map([["loss", [7, 6, NaN]]]),
  }]]);
  const kind = {
    title: "Loss",
    about: "",
    curves: [{ name: "loss", style: "line" }, { name: "none", style: "line" }],
  } as const;
  const [line, ...others] = linesOf(kind, curves, [0, 1], "step", 0);
  assertEquals([line.xs, line.ys, others], [[1, 2], [7, 6], []]);
  assertEquals(linesOf(kind, curves, [0], "epoch", 0)[0].xs, [0.5]);
  assertEquals(linesOf(kind, curves, [], "step", 0), []);
});
