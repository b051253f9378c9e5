import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { type Options, simclrStep, type State } from "../../reference/simclr.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import type { SimclrState } from "../../src/methods/simclr.ts";
import { floats, matrices, sizes } from "../support/arbitraries.ts";
import { assertClose, type Numbers } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { testStepLaws } from "../support/step_laws.ts";
import { encoders, type EncoderSizes, isWellConditioned, statistics, tinyViews } from "../support/tiny_encoder.ts";
import { simclrNumbers, simclrSource, tinySimclr } from "../support/tiny_mechanisms.ts";

type Case = {
  readonly sizes: EncoderSizes;
  readonly options: Options;
  readonly state: State;
  readonly views: [number[][], number[][]];
};

/** Any tiny training: options, a state in the middle of a run, and two views. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 3),
  each: sizes(2, 4),
  sizes: fc.record({ features: sizes(2, 4), hidden: sizes(1, 4), dimension: sizes(2, 3) }),
}).chain(({ groups, each, sizes }) =>
  fc.record({
    sizes: fc.constant(sizes),
    options: fc.record({
      temperature: fc.constantFrom(0.2, 0.5, 1),
      groups: fc.constant(groups),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({ encoder: encoders(sizes), statistics: statistics(sizes), velocity: encoders(sizes) }),
    views: fc.tuple(matrices(groups * each, sizes.features), matrices(groups * each, sizes.features)),
  })
).filter(({ options: { groups }, state, views }) =>
  isWellConditioned(state.encoder, state.statistics, views.flat(), groups)
);

/** The tolerances of a step's loss and next state, by the conditioning of the reference's. */
function tolerancesOf({ options: { groups, ...options }, state, views }: Case) {
  const input = { state, views, options };
  const step = (moved: typeof input) => simclrStep(moved.state, moved.views, { ...moved.options, groups });
  return {
    loss: conditioned("reduction", (moved) => step(moved).loss, input),
    state: conditioned("gradient", (moved) => simclrNumbers(step(moved).state), input),
  };
}

function toViews([query, key]: Case["views"]) {
  return { query: tf.tensor2d(query), key: tf.tensor2d(key) };
}

Deno.test("a SimCLR step equals the reference: loss and every value of the next state", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const expected = simclrStep(example.state, example.views, example.options);
        const method = tinySimclr(example.sizes, example.options);
        const next = method.step(simclrSource(example.state), toViews(example.views));
        const { step, random: _, ...state } = next.state;
        const tolerances = tolerancesOf(example);
        assertClose(next.metrics.loss, expected.loss, tolerances.loss, "loss");
        assertClose(next.metrics.chance, Math.log(2 * example.views[0].length - 1), "elementwise", "chance");
        assertClose(state as Tree as never, simclrNumbers(expected.state), tolerances.state, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

/** One example in the middle of a run. */
const [example] = fc.sample(cases.filter(({ options }) => options.groups === 2), { numRuns: 1, seed: 7 });
const method = tinySimclr(example.sizes, example.options);
const shape = [example.views[0].length, example.sizes.features];

testStepLaws("SimCLR", { method, state: () => simclrSource(example.state), views: tinyViews(shape) });

Deno.test("the two views are alike: swapping them changes nothing in a SimCLR step", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const [query, key] = example.views;
        const { step } = tinySimclr(example.sizes, example.options);
        const [one, other] = [[query, key], [key, query]].map((views) =>
          step(simclrSource(example.state), toViews(views as Case["views"]))
        );
        const tolerances = tolerancesOf(example);
        const parts = ({ query, optimizer }: SimclrState) => ({ query, optimizer }) as Tree as Numbers;
        assertClose(other.metrics.loss, one.metrics.loss, tolerances.loss, "loss");
        assertClose(parts(other.state), parts(one.state), tolerances.state, "state");
      })),
    { numRuns: 20 },
  );
});

Deno.test("there is one encoder: batch norm sees both views, once", () => {
  scope(() => {
    const { step } = tinySimclr(example.sizes, { ...example.options, groups: 1 });
    const { query, key } = toViews(example.views);
    const before = simclrSource(example.state);
    const { buffers } = step(before, { query, key }).state.query;
    // PyTorch's rule over the 2N hidden values, by hand.
    const hidden = tf.matMul(tf.concat([query, key]), tf.tensor2d(example.state.encoder.first as number[][]));
    const expected = example.state.statistics.runningMean.map((mean, h) =>
      0.9 * mean + 0.1 * tf.mean(tf.slice(hidden, [0, h], [-1, 1])).dataSync()[0]
    );
    assertClose((buffers.backbone as { norm: { running_mean: tf.Tensor } }).norm.running_mean, expected, "reduction");
    assertEquals(Object.keys(method.init(tf.tensor1d([0, 1], "int32"))), ["step", "query", "optimizer", "random"]);
  });
});
