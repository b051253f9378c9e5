import fc from "fast-check";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { endToEndStep, type Options, type State } from "../../reference/end_to_end.ts";
import { shuffle } from "../../reference/shuffle_bn.ts";
import { key, permutation, split } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { floats, matrices, permutations, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { bytesOf, testStepLaws } from "../support/step_laws.ts";
import { encoders, type EncoderSizes, isWellConditioned, statistics, tinyViews } from "../support/tiny_encoder.ts";
import { endToEndNumbers, endToEndSource, tinyEndToEnd } from "../support/tiny_mechanisms.ts";

type Case = {
  readonly sizes: EncoderSizes;
  readonly options: Options;
  readonly state: State;
  readonly views: { readonly query: number[][]; readonly key: number[][] };
  readonly order: number[];
};

/** Any tiny training: options, a state in the middle of a run, two views and a permutation. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 3),
  each: sizes(3, 4),
  sizes: fc.record({ features: sizes(2, 4), hidden: sizes(1, 4), dimension: sizes(2, 3) }),
}).chain(({ groups, each, sizes }) =>
  fc.record({
    sizes: fc.constant(sizes),
    options: fc.record({
      temperature: fc.constantFrom(0.2, 0.5, 1),
      groups: fc.constant(groups),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({
      query: encoders(sizes),
      queryStatistics: statistics(sizes),
      queryVelocity: encoders(sizes),
      key: encoders(sizes),
      keyStatistics: statistics(sizes),
      keyVelocity: encoders(sizes),
    }),
    views: fc.record({ query: matrices(groups * each, sizes.features), key: matrices(groups * each, sizes.features) }),
    order: permutations(groups * each),
  })
).filter(({ options: { groups }, state, views, order }) =>
  isWellConditioned(state.query, state.queryStatistics, views.query, groups) &&
  isWellConditioned(state.key, state.keyStatistics, shuffle(views.key, order), groups)
);

/** The tolerances of a step's loss and next state, by the conditioning of the reference's. */
function tolerancesOf({ options: { groups, ...options }, state, views, order }: Case) {
  const input = { state, views, options };
  const step = (moved: typeof input) => endToEndStep(moved.state, moved.views, order, { ...moved.options, groups });
  return {
    loss: conditioned("reduction", (moved) => step(moved).loss, input),
    state: conditioned("gradient", (moved) => endToEndNumbers(step(moved).state), input),
  };
}

function toViews({ views, order }: Case) {
  return { query: tf.tensor2d(views.query), key: tf.tensor2d(views.key), shuffle: tf.tensor1d(order, "int32") };
}

Deno.test("an end-to-end step equals the reference: loss and every value of the next state, of both encoders", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const expected = endToEndStep(example.state, example.views, example.order, example.options);
        const method = tinyEndToEnd(example.sizes, example.options);
        const next = method.step(endToEndSource(example.state), toViews(example));
        const { step, random: _, ...state } = next.state;
        const tolerances = tolerancesOf(example);
        assertClose(next.metrics.loss, expected.loss, tolerances.loss, "loss");
        assertClose(next.metrics.chance, Math.log(example.order.length), "elementwise", "chance");
        assertClose(state as Tree as never, endToEndNumbers(expected.state), tolerances.state, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

/** One example in the middle of a run: groups, every option at work. */
const [example] = fc.sample(cases.filter(({ options }) => options.groups === 2), { numRuns: 1, seed: 7 });
const method = tinyEndToEnd(example.sizes, example.options);
const shape = [example.order.length, example.sizes.features];

testStepLaws("end-to-end", { method, state: () => endToEndSource(example.state), views: tinyViews(shape) });

Deno.test("the gradient reaches both encoders, and each encoder's change depends on the other's view", () => {
  scope(() => {
    const plain = { ...example.options, sgd: { learningRate: 1, momentum: 0, weightDecay: 0 } }; // the gradient itself
    const { step } = tinyEndToEnd(example.sizes, plain);
    const state = endToEndSource(example.state);
    const views = toViews(example);
    const { query, key } = step(state, views).state;
    for (const [side, before] of [[query, state.query], [key, state.key]] as const) {
      for (const [path, bytes] of Object.entries(bytesOf(before.params))) {
        assertNotEquals(bytesOf(side.params)[path], bytes, path);
      }
    }
    const otherKeys = step(state, { ...views, key: tf.mul(views.key, [[-1]]) }).state;
    assertNotEquals(bytesOf(otherKeys.query.params), bytesOf(query.params));
    assertEquals(bytesOf(otherKeys.query.buffers), bytesOf(query.buffers)); // each has its own statistics
    const otherQueries = step(state, { ...views, query: tf.mul(views.query, [[-1]]) }).state;
    assertNotEquals(bytesOf(otherQueries.key.params), bytesOf(key.params));
    assertEquals(bytesOf(otherQueries.key.buffers), bytesOf(key.buffers));
  });
});

Deno.test("shuffling regroups the keys: it matters with two groups and not with one, and is drawn where not given", () => {
  scope(() => {
    const loss = (groups: number, shuffled: boolean) => {
      const order = example.order.map((_, i) => i < 2 ? 1 - i : i); // samples 0 and 1 change their groups
      const views = {
        ...toViews(example),
        shuffle: tf.tensor1d(shuffled ? order : order.toSorted((a, b) => a - b), "int32"),
      };
      return tinyEndToEnd(example.sizes, { ...example.options, groups }).step(endToEndSource(example.state), views)
        .metrics.loss.dataSync()[0];
    };
    assertClose(loss(1, true), loss(1, false), "reduction");
    assert(Math.abs(loss(2, true) - loss(2, false)) > 1e-4);

    const state = endToEndSource(example.state, key(3));
    const { query, key: keyView } = toViews(example);
    const [next, shuffleKey] = split(state.random);
    const drawn = method.step(state, { query, key: keyView });
    const given = method.step(state, { query, key: keyView, shuffle: permutation(shuffleKey, query.shape[0]) });
    assertEquals(bytesOf(drawn.state), bytesOf(given.state));
    assertEquals(bytesOf(drawn.state.random), bytesOf(next));
  });
});

Deno.test("both encoders begin as copies", () => {
  scope(() => {
    const state = method.init(key(1));
    assertEquals(bytesOf(state.key), bytesOf(state.query));
  });
});
