import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { mixup as mixed } from "../../reference/mixup.ts";
import { type Options, type State, supervisedStep } from "../../reference/supervised.ts";
import { drawMixup } from "../../src/augment/mixup.ts";
import { key, split } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { floats, matrices, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose, flatten, type Numbers } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { testStepLaws } from "../support/step_laws.ts";
import {
  encoders,
  type EncoderSizes,
  isWellConditioned,
  statistics,
  stepTolerance,
  tinyViews,
} from "../support/tiny_encoder.ts";
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

Deno.test("a step on labels equals the reference: loss and every value of the next state", () => {
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

Deno.test("with mixup a step sees blended images, and its loss and gradients are those of both labels by their shares", () => {
  const alpha = 0.8;
  fc.assert(
    fc.property(cases, seeds, ({ sizes, options: { epsilon }, state, x, labels }, seed) =>
      scope(() => {
        const options = { epsilon, sgd: { learningRate: 0.1, momentum: 0, weightDecay: 0 } }; // its velocity: gradients
        const random = key(seed);
        const draw = drawMixup(split(random)[1], x.length, alpha);
        const [share, partner] = [draw.lambda.dataSync()[0], [...draw.partner.dataSync()]];
        fc.pre(isWellConditioned(state.encoder, state.statistics, mixed(x, share, partner), 1));
        /** The loss and the gradients of two steps, each with the labels of one of two blended images, by the shares. */
        const blended = ({ state, x }: { readonly state: State; readonly x: number[][] }) => {
          const [own, other] = [labels, partner.map((n) => labels[n])].map((each) => {
            const step = supervisedStep(state, mixed(x, share, partner), each, options);
            return { ...supervisedNumbers(step.state) as { readonly optimizer: Numbers }, loss: step.loss };
          });
          return weighted({ loss: own.loss, optimizer: own.optimizer }, other, share);
        };
        const method = tinySupervised(sizes, options, alpha);
        const { state: next, metrics } = method.step(supervisedSource(state, random), toViews({ x, labels }));
        const found = { loss: metrics.loss, optimizer: next.optimizer as Tree as Numbers };
        const input = { state, x };
        // What is blended is rounded before it comes to sums that cancel.
        const tolerance = { ...conditioned("gradient", blended, input), absolute: stepTolerance.absolute };
        assertClose(found, blended(input), tolerance, "step");
      })),
    { numRuns: 20 },
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

/** Two nestings of numbers as one: of the first such a share, of the second the rest. */
function weighted(a: Numbers, b: Numbers, share: number): Numbers {
  if (typeof a === "number") return share * a + (1 - share) * (b as number);
  if (Array.isArray(a)) return a.map((child, place) => weighted(child, (b as readonly Numbers[])[place], share));
  const other = b as { readonly [name: string]: Numbers };
  return Object.fromEntries(Object.entries(a).map(([name, child]) => [name, weighted(child, other[name], share)]));
}

Deno.test("the accuracy of a batch is the share of its images whose greatest logit is their label's, also with mixup", () => {
  scope(() => {
    for (const mixup of [0, 0.8]) {
      const random = key(5);
      const { lambda, partner } = drawMixup(split(random)[1], example.x.length, 0.8);
      const x = mixup === 0 ? example.x : mixed(example.x, lambda.dataSync()[0], [...partner.dataSync()]);
      const { top1 } = supervisedStep(example.state, x, example.labels, example.options);
      const { step } = tinySupervised(example.sizes, example.options, mixup);
      const { metrics } = step(supervisedSource(example.state, random), toViews(example));
      assertClose(metrics.top1, top1, "elementwise");
      assert(top1 > 0 && top1 < 1, `${top1} tells no accuracy from none`);
    }
  });
});

Deno.test("the metrics are of the step's gradients and of the parameters before it", () => {
  scope(() => {
    const lengthOf = (tree: Tree) => Math.hypot(...flatten(tree as Numbers, "value").map(([, value]) => value));
    const plain = { ...example.options, sgd: { learningRate: 0.1, momentum: 0, weightDecay: 0 } };
    const before = supervisedSource(example.state);
    const { state, metrics } = tinySupervised(example.sizes, plain).step(before, toViews(example));
    assertClose(metrics.gradientNorm, lengthOf(state.optimizer), "reduction"); // a first velocity is the gradient
    assertClose(metrics.parameterNorm, lengthOf(before.query.params), "reduction");
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
