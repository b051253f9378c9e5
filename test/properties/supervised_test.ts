import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { type Options, type State, supervisedStep } from "../../reference/supervised.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { floats, matrices, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { testStepLaws } from "../support/step_laws.ts";
import { encoders, type EncoderSizes, isWellConditioned, statistics, tinyViews } from "../support/tiny_encoder.ts";
import { supervisedNumbers, supervisedSource, tinySupervised } from "../support/tiny_mechanisms.ts";

type Case = {
  readonly sizes: EncoderSizes;
  readonly options: Options;
  readonly state: State;
  readonly x: number[][];
  readonly labels: number[];
};

/** Any tiny training: options, a state in the middle of a run, samples and their labels. */
const cases: fc.Arbitrary<Case> = fc.record({
  count: sizes(2, 8),
  sizes: fc.record({ features: sizes(2, 4), hidden: sizes(1, 4), dimension: sizes(2, 3) }),
}).chain(({ count, sizes: each }) =>
  fc.record({
    sizes: fc.constant(each),
    options: fc.record({
      epsilon: fc.constantFrom(0, 0.1, 0.5),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({ encoder: encoders(each), statistics: statistics(each), velocity: encoders(each) }),
    x: matrices(count, each.features),
    labels: fc.array(sizes(0, each.dimension - 1), { minLength: count, maxLength: count }),
  })
).filter(({ state, x }) => isWellConditioned(state.encoder, state.statistics, x, 1));

function toViews({ x, labels }: Pick<Case, "x" | "labels">) {
  const query = tf.tensor2d(x);
  return { query, key: query, labels: tf.tensor1d(labels, "int32") };
}

Deno.test("a step on labels equals the reference: loss, accuracy and every value of the next state", () => {
  fc.assert(
    fc.property(cases, ({ sizes, options, state, x, labels }) =>
      scope(() => {
        const expected = supervisedStep(state, x, labels, options);
        const next = tinySupervised(sizes, options).step(supervisedSource(state), toViews({ x, labels }));
        const { step, random: _, ...found } = next.state;
        const input = { state, x, options };
        const stepped = ({ state, x, options }: typeof input) => supervisedStep(state, x, labels, options);
        const loss = conditioned("reduction", (moved) => stepped(moved).loss, input);
        const values = conditioned("gradient", (moved) => supervisedNumbers(stepped(moved).state), input);
        assertClose(next.metrics.loss, expected.loss, loss, "loss");
        assertClose(next.metrics.chance, Math.log(sizes.dimension), "elementwise", "chance");
        assertClose(found as Tree as never, supervisedNumbers(expected.state), values, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

const [example] = fc.sample(cases.filter(({ x }) => x.length === 4), { numRuns: 1, seed: 7 });
const method = tinySupervised(example.sizes, example.options);
const views = tinyViews([4, example.sizes.features]);

testStepLaws("supervised", {
  method,
  state: () => supervisedSource(example.state),
  views: (step) => ({ ...views(step), labels: tf.tensor1d(example.labels, "int32") }),
});

Deno.test("the accuracy of a batch is the share of its images whose greatest logit is their label's", () => {
  scope(() => {
    const { top1 } = supervisedStep(example.state, example.x, example.labels, example.options);
    const { metrics } = method.step(supervisedSource(example.state), toViews(example));
    assertClose(metrics.top1, top1, "elementwise");
  });
});

Deno.test("views without labels are refused", () => {
  scope(() => {
    const { query, key, labels } = toViews(example);
    const state = supervisedSource(example.state);
    assertThrows(() => method.step(state, { query, key }), TypeError, "expected views with labels [4], found none");
    const few = tf.slice(labels, [0], [3]);
    assertThrows(() => method.step(state, { query, key, labels: few }), TypeError, "found [3]");
    assertEquals(Object.keys(method.init(tf.tensor1d([0, 1], "int32"))), ["step", "query", "optimizer", "random"]);
  });
});
