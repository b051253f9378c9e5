import fc from "fast-check";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { mocoStep, type Options, type State } from "../../reference/moco.ts";
import { key, permutation, split } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { readBytes, type Tensor, tf, toFloat } from "../../src/engine/mod.ts";
import type { MocoState } from "../../src/methods/moco.ts";
import type { Views } from "../../src/methods/types.ts";
import { blocks, floats, matrices, permutations, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose, flatten, type Numbers, type Tolerance } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { spreadOf } from "../support/spread.ts";
import { bytesOf, testStepLaws } from "../support/step_laws.ts";
import { encoders, isWellConditioned, statistics, tinyViews } from "../support/tiny_encoder.ts";
import { asNumbers, type Sizes, tinyMoco, type TinyOptions, toSource } from "../support/tiny_moco.ts";

type Case = {
  readonly sizes: Sizes;
  readonly options: Options;
  readonly state: State;
  readonly views: { readonly query: number[][]; readonly key: number[][] };
  readonly order: number[];
};

/** Any tiny training: options, a state in the middle of a run, two views and a permutation. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 3),
  each: sizes(3, 4),
  features: sizes(2, 4),
  hidden: sizes(1, 4),
  dimension: sizes(2, 3),
  symmetric: fc.boolean(),
  extra: sizes(0, 5),
}).chain(({ groups, each, features, hidden, dimension, symmetric, extra }) => {
  const batch = groups * each;
  const queue = (symmetric ? 2 : 1) * batch + extra; // any K that holds what comes in
  const tiny = { features, hidden, dimension };
  return fc.record({
    sizes: fc.constant({ ...tiny, queue }),
    options: fc.record({
      momentum: fc.constantFrom(0, 0.5, 0.9, 0.99, 1),
      temperature: fc.constantFrom(0.2, 0.5, 1),
      groups: fc.constant(groups),
      symmetric: fc.constant(symmetric),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({
      query: encoders(tiny),
      queryStatistics: statistics(tiny),
      key: encoders(tiny),
      keyStatistics: statistics(tiny),
      velocity: encoders(tiny),
      queue: fc.record({ keys: unitRows(queue, dimension), filled: sizes(0, queue) }),
    }),
    views: fc.record({ query: matrices(batch, features), key: matrices(batch, features) }),
    order: permutations(batch),
  });
}).filter(wellConditioned);

/** Whether the gradient divides by nothing small, whichever view is the query. */
function wellConditioned({ options, state, views }: Case): boolean {
  const of = (x: number[][]) => isWellConditioned(state.query, state.queryStatistics, x, options.groups);
  return of(views.query) && of(views.key);
}

function toViews({ views, order }: Case): Views & { readonly shuffle: Tensor } {
  return { query: tf.tensor2d(views.query), key: tf.tensor2d(views.key), shuffle: tf.tensor1d(order, "int32") };
}

/** The tolerances of a step's loss and next state, by the conditioning of the reference's. */
function tolerancesOf({ options, state, views, order }: Case): { loss: Tolerance; state: Tolerance } {
  const { groups, symmetric, ...numbers } = options;
  const { queue: { keys, filled }, ...networks } = state;
  const input = { ...networks, keys, views, numbers };
  const step = ({ keys, views, numbers, ...networks }: typeof input) =>
    mocoStep({ ...networks, queue: { keys, filled } }, views, order, { ...numbers, groups, symmetric });
  return {
    loss: conditioned("reduction", (moved) => step(moved).loss, input),
    // Sums over the batch of terms that reach 1/(T |output|), 10 and more, and often cancel.
    state: conditioned("gradient", (moved) => asNumbers(step(moved).state), input),
  };
}

Deno.test("step equals the reference: loss and every value of the next state", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const expected = mocoStep(example.state, example.views, example.order, example.options);
        const method = tinyMoco(example.sizes, example.options);
        const { state: { step, random: _, ...state }, metrics } = method.step(
          toSource(example.state),
          toViews(example),
        );
        const tolerances = tolerancesOf(example);
        assertClose(metrics.loss, expected.loss, tolerances.loss, "loss");
        assertClose(state as Tree as Numbers, asNumbers(expected.state), tolerances.state, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

/** One example in the middle of a run: groups, both directions, every option at work. */
const [example] = fc.sample(
  cases.filter(({ options }) => options.groups === 2 && options.symmetric && options.momentum === 0.9),
  { numRuns: 1, seed: 7 },
);
const method = tinyMoco(example.sizes, example.options);

testStepLaws("MoCo", { method, state: () => toSource(example.state), views: tinyViews(toViews(example).query.shape) });

/** The example's step with other options or state. */
function run(
  options: Partial<TinyOptions> = {},
  state: State = example.state,
  views = toViews(example),
) {
  return tinyMoco(example.sizes, { ...example.options, ...options }).step(toSource(state), views);
}

Deno.test("momentum 0 makes the key parameters the query's, momentum 1 keeps them, bit for bit; never the statistics", () => {
  scope(() => {
    const before = toSource(example.state);
    const copied = run({ momentum: 0 }).state.key;
    assertEquals(bytesOf(copied.params), bytesOf(before.query.params)); // the query's before its own step
    assertNotEquals(bytesOf(copied.buffers), bytesOf(before.query.buffers));
    const kept = run({ momentum: 1 }).state.key;
    assertEquals(bytesOf(kept.params), bytesOf(before.key.params));

    // The key's statistics do not know the query's: changing those changes nothing in the key encoder.
    const { runningMean, runningVariance } = example.state.queryStatistics;
    const queryStatistics = { runningMean: runningMean.map((x) => x + 1), runningVariance };
    const other = run({}, { ...example.state, queryStatistics }).state.key;
    assertEquals(bytesOf(other), bytesOf(run().state.key));
  });
});

Deno.test("a momentum that follows a schedule is that of the state's step", () => {
  scope(() => {
    const state = { ...toSource(example.state), step: tf.scalar(3, "int32") };
    const after = (momentum: TinyOptions["momentum"]) =>
      tinyMoco(example.sizes, { ...example.options, momentum }).step(state, toViews(example)).state.key.params;
    const scheduled = after((step) => tf.mul(toFloat(step), 0.25));
    assertClose(scheduled as Tree as Numbers, after(0.75) as Tree as Numbers, "elementwise");
  });
});

Deno.test("the metrics are of the step's gradients, of the parameters and the queue before it, and of the queries", () => {
  scope(() => {
    const lengthOf = (tree: Tree) => Math.hypot(...flatten(tree as Numbers, "value").map(([, value]) => value));
    const { keys } = example.state.queue;
    const state: State = { ...example.state, queue: { keys, filled: 1 } };
    const sgd = { learningRate: 0.1, momentum: 0, weightDecay: 0 }; // its velocity is the gradient
    for (const symmetric of [false, true]) {
      const { state: next, metrics } = run({ sgd, symmetric }, state);
      const { velocity } = next.optimizer as { readonly velocity: Tree };
      assertClose(metrics.gradientNorm, lengthOf(velocity), "reduction", "gradientNorm");
      assertClose(metrics.parameterNorm, lengthOf(toSource(state).query.params), "reduction", "parameterNorm");
      assertClose(metrics.realKeys, 1 / keys.length, "elementwise", "realKeys");
      assertClose(metrics.chance, (symmetric ? 2 : 1) * Math.log(1 + keys.length), "elementwise", "chance");
    }
    // With one view for both and the query's values in the key encoder, the newest keys are the queries.
    const { query } = toViews(example);
    const alike = { sgd, symmetric: false, momentum: 0, groups: 1, shuffle: false };
    const { state: next, metrics } = run(alike, state, { ...toViews(example), key: query });
    const queries = tf.slice(next.queue.keys, [keys.length - query.shape[0], 0]);
    assertClose(metrics.featureStd, spreadOf(queries.arraySync() as number[][]), "gradient", "featureStd");
  });
});

Deno.test("the negatives are the queue before the step, in both directions", () => {
  scope(() => {
    // Whatever the batch's own keys are, the loss of each direction alone, on the same queue, adds up.
    const views = toViews(example);
    const swapped = { ...views, query: views.key, key: views.query };
    const parts = [run({ symmetric: false }), run({ symmetric: false }, example.state, swapped)];
    const [first, second] = parts.map(({ metrics }) => metrics.loss.dataSync()[0]);
    assertClose(run().metrics.loss, first + second, "reduction");
    // And the queue takes the keys of the first direction, then those of the second.
    const [rows] = views.query.shape;
    const newest = (state: MocoState) => tf.slice(state.queue.keys, [state.queue.keys.shape[0] - rows, 0]);
    const { keys } = run().state.queue;
    assertClose(tf.slice(keys, [keys.shape[0] - rows, 0]), newest(parts[1].state), "reduction");
    assertClose(tf.slice(keys, [keys.shape[0] - 2 * rows, 0], [rows, -1]), newest(parts[0].state), "reduction");
  });
});

Deno.test("shuffling regroups the keys: it matters with two groups and not with one", () => {
  scope(() => {
    // Samples 0 and 1 change places, and so their groups.
    const order = example.order.map((_, i) => i < 2 ? 1 - i : i);
    const loss = (options: { groups: number; shuffle: boolean }, by: readonly number[] = order) =>
      run(options, example.state, { ...toViews(example), shuffle: tf.tensor1d([...by], "int32") })
        .metrics.loss.dataSync()[0];
    assertClose(loss({ groups: 1, shuffle: true }), loss({ groups: 1, shuffle: false }), "reduction");
    assert(Math.abs(loss({ groups: 2, shuffle: true }) - loss({ groups: 2, shuffle: false })) > 1e-4);
    const inOrder = order.map((_, i) => i);
    assertClose(loss({ groups: 2, shuffle: false }), loss({ groups: 2, shuffle: true }, inOrder), "exact");
  });
});

Deno.test("without a given permutation the step draws one from the state's key, and another one at the next step", () => {
  scope(() => {
    const state = toSource(example.state, key(3));
    const { query, key: keyView } = toViews(example);
    const [next, shuffleKey] = split(state.random);
    const drawn = method.step(state, { query, key: keyView });
    const given = method.step(state, { query, key: keyView, shuffle: permutation(shuffleKey, query.shape[0]) });
    assertEquals(bytesOf(drawn.state), bytesOf(given.state));
    assertEquals(readBytes(drawn.state.random), readBytes(next));
    assertNotEquals(readBytes(drawn.state.random), readBytes(state.random));
  });
});

Deno.test("the key encoder begins as a copy of the query encoder", () => {
  const state = method.init(key(1));
  assertEquals(bytesOf(state.key), bytesOf(state.query));
  dispose(state);
});

Deno.test("features are the backbone's by its running statistics: a sample's do not depend on its batch", () => {
  fc.assert(
    fc.property(blocks([3, example.sizes.features]), ({ values, shape }) =>
      scope(() => {
        const x = tf.tensor(values, shape);
        const state = toSource(example.state);
        const together = method.features(state, x);
        const alone = tf.concat([0, 1, 2].map((n) => method.features(state, tf.slice(x, [n, 0], [1, -1]))), 0);
        assertClose(alone, together, "reduction");
        assertEquals(together.shape, [3, example.sizes.hidden]);
      })),
    { numRuns: 10 },
  );
});
