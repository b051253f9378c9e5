import { adamW } from "../../reference/adamw.ts";
import { clipByGlobalNorm } from "../../reference/clip.ts";
import { lars } from "../../reference/lars.ts";
import { contrast, type Mlp, mocoV3Step, type State } from "../../reference/moco_v3.ts";
import { momentumAt } from "../../reference/momentum_schedule.ts";
import { assertClose, type Tolerance } from "../support/close.ts";

/**
 * Central differences in float64 with h = 1e-5 are good to about 1e-9 here: the reference may not hide behind float32.
 */
const finite: Tolerance = { relative: 1e-6, absolute: 1e-8 };

/** A smooth, irregular matrix of numbers in [-1, 1]. */
function wave(rows: number, columns: number, phase: number): number[][] {
  return Array.from(
    { length: rows },
    (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(1.7 * (i * columns + j) + phase) * Math.cos(i - j)),
  );
}

Deno.test("reference contrast: by hand for two queries", () => {
  // Logits of row 0: 1 and 0; of row 1: 0 and 0. T = 1: L = 2 (log(1 + 1/e) + log 2) / 2.
  const { loss, top1 } = contrast([[1, 0], [0, 0]], [[1, 0], [0, 1]], 1);
  assertClose(loss, Math.log(1 + 1 / Math.E) + Math.log(2), finite);
  assertClose(top1, 0.5, "exact"); // a tie is a miss
});

Deno.test("reference contrast: the gradient is the slope", () => {
  const [q, k] = [wave(4, 3, 0.3), wave(4, 3, 1.1)];
  for (const temperature of [0.2, 1]) {
    const h = 1e-5;
    const slope = q.map((row, n) =>
      row.map((_, d) => {
        const at = (offset: number) =>
          contrast(q.map((row, i) => row.map((x, j) => i === n && j === d ? x + offset : x)), k, temperature).loss;
        return (at(h) - at(-h)) / (2 * h);
      })
    );
    assertClose(contrast(q, k, temperature).gradient, slope, finite);
  }
});

const mlp = (inputs: number, hidden: number, outputs: number, phase: number): Mlp => ({
  first: wave(inputs, hidden, phase),
  scale: wave(1, hidden, phase + 1)[0].map((x) => 1 + x / 2),
  offset: wave(1, hidden, phase + 2)[0],
  second: wave(hidden, outputs, phase + 3),
});

const statistics = (width: number) => ({
  runningMean: new Array<number>(width).fill(0),
  runningVariance: new Array<number>(width).fill(1),
});

const zero = (network: Mlp): Mlp => ({
  first: network.first.map((row) => row.map(() => 0)),
  scale: network.scale.map(() => 0),
  offset: network.offset.map(() => 0),
  second: network.second.map((row) => row.map(() => 0)),
});

Deno.test("reference mocoV3Step: the first velocity is the slope of the loss, in encoder and predictor", () => {
  const [query, predictor] = [mlp(3, 2, 3, 0.2), mlp(3, 2, 3, 0.9)];
  const encoderStatistics = { hidden: statistics(2), output: statistics(3) };
  const start: State = {
    query,
    queryStatistics: encoderStatistics,
    key: mlp(3, 2, 3, 2.2),
    keyStatistics: encoderStatistics,
    predictor,
    predictorStatistics: statistics(2),
    velocity: { query: zero(query), predictor: zero(predictor) },
  };
  const options = {
    momentum: 1, // so that the keys do not follow the query's parameters
    temperature: 0.5,
    groups: 2,
    sgd: { learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
  };
  const views = [wave(8, 3, 0.4), wave(8, 3, 5.3)] as const;
  const { velocity } = mocoV3Step(start, views, options).state;
  for (const side of ["query", "predictor"] as const) {
    for (const name of ["first", "second"] as const) {
      const slope = start[side][name].map((row, i) =>
        row.map((_, j) => {
          const at = (offset: number) => {
            const moved = start[side][name].map((row, n) => row.map((x, d) => n === i && d === j ? x + offset : x));
            return mocoV3Step({ ...start, [side]: { ...start[side], [name]: moved } }, views, options).loss;
          };
          return (at(1e-5) - at(-1e-5)) / 2e-5;
        })
      );
      assertClose(velocity[side][name], slope, { relative: 1e-5, absolute: 1e-7 }, `${side}.${name}`);
    }
    for (const name of ["scale", "offset"] as const) {
      const slope = start[side][name].map((_, i) => {
        const at = (offset: number) => {
          const moved = start[side][name].map((x, n) => n === i ? x + offset : x);
          return mocoV3Step({ ...start, [side]: { ...start[side], [name]: moved } }, views, options).loss;
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
      assertClose(velocity[side][name], slope, { relative: 1e-5, absolute: 1e-7 }, `${side}.${name}`);
    }
  }
});

Deno.test("reference lars: by hand for a matrix of norm 5, and for a bias", () => {
  const options = { learningRate: 2, momentum: 0.5, weightDecay: 0.5, trust: 0.1 };
  // d = (1.5 + 0.5 x 3, 2 + 0.5 x 4) = (3, 4); local = 0.1 x 5 / 5; v = 0.5 x 1 + 0.1 d.
  assertClose(lars([3, 4], [1, 1], [1.5, 2], 2, options), {
    parameters: [3 - 2 * 0.8, 4 - 2 * 0.9],
    velocity: [0.8, 0.9],
  }, finite);
  assertClose(lars([3, 4], [1, 1], [1.5, 2], 1, options), { parameters: [-1, -1], velocity: [2, 2.5] }, finite);
});

Deno.test("reference adamW: by hand for two updates", () => {
  const options = { learningRate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0, weightDecay: 0.25 };
  const first = adamW([2], { first: [0], second: [0], count: 0 }, [4], options);
  // m = 2, s = 4; corrected 4 and 16: w = 2 - 0.25 - 0.5.
  assertClose(first, { parameters: [1.25], state: { first: [2], second: [4], count: 1 } }, finite);
  const second = adamW(first.parameters, first.state, [-4], options);
  // m = -1, s = 7; corrected -1 / 0.75 and 7 / 0.4375 = 16: w = 1.25 - 0.15625 + 0.5 / 3.
  assertClose(second.parameters, [1.25 - 0.15625 + 0.5 / 3], finite);
});

Deno.test("reference clipByGlobalNorm: 3-4-5", () => {
  assertClose(clipByGlobalNorm([[3], [4]], 1), [[0.6], [0.8]], finite);
  assertClose(clipByGlobalNorm([[3], [4]], 6), [[3], [4]], "exact");
});

Deno.test("reference momentumAt: start, middle, end", () => {
  assertClose([0, 0.5, 1].map((t) => momentumAt(0.99, t)), [0.99, 0.995, 1], finite);
});
