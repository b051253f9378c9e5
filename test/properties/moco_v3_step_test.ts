import fc from "fast-check";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { encode, forward, type Mlp, mocoV3Step, type Options, type State } from "../../reference/moco_v3.ts";
import { key } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, readBytes, tf } from "../../src/engine/mod.ts";
import { createMocoV3, type MocoV3State } from "../../src/methods/moco_v3.ts";
import type { Views } from "../../src/methods/types.ts";
import { dense } from "../../src/nn/dense.ts";
import { accumulate } from "../../src/optim/accumulate.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { globalNorm } from "../../src/optim/global_norm.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { floats, matrices, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose, type Numbers, type Tolerance } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { bytesOf, testStepLaws } from "../support/step_laws.ts";
import { tinyViews } from "../support/tiny_encoder.ts";
import { asNumbers, type Sizes, tinyMocoV3, toSource } from "../support/tiny_moco_v3.ts";

type Case = {
  readonly sizes: Sizes;
  readonly options: Options;
  readonly state: State;
  readonly views: readonly [number[][], number[][]];
};

/** Any tiny training: options, a state in the middle of a run, two views. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 2),
  each: sizes(4, 6),
  features: sizes(3, 4),
  hidden: sizes(2, 3),
  dimension: sizes(2, 3),
}).chain(({ groups, each, features, hidden, dimension }) => {
  const mlps = (inputs: number): fc.Arbitrary<Mlp> =>
    fc.record({
      first: matrices(inputs, hidden),
      scale: vectors(hidden, 0.5, 2),
      offset: vectors(hidden, -1, 1),
      second: matrices(hidden, dimension),
    });
  const statistics = (width: number) =>
    fc.record({ runningMean: vectors(width), runningVariance: vectors(width, 0.5, 2) });
  const ofEncoder = fc.record({ hidden: statistics(hidden), output: statistics(dimension) });
  return fc.record({
    sizes: fc.constant({ features, hidden, dimension }),
    options: fc.record({
      momentum: fc.constantFrom(0, 0.5, 0.9, 0.99, 1),
      temperature: fc.constantFrom(0.2, 0.5, 1),
      groups: fc.constant(groups),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({
      query: mlps(features),
      queryStatistics: ofEncoder,
      key: mlps(features),
      keyStatistics: ofEncoder,
      predictor: mlps(dimension),
      predictorStatistics: statistics(hidden),
      velocity: fc.record({ query: mlps(features), predictor: mlps(dimension) }),
    }),
    views: fc.tuple(matrices(groups * each, features), matrices(groups * each, features)),
  });
}).filter(wellConditioned);

/** Whether every batch-norm group has some spread, and every vector some length: the gradient divides by both. */
function wellConditioned({ options: { groups }, state, views }: Case): boolean {
  const spread = (x: readonly (readonly number[])[]) =>
    x[0].every((_, h) =>
      Array.from({ length: groups }, (_, g) => x.filter((_, n) => n % groups === g).map((row) => row[h]))
        .every((group) => Math.max(...group) - Math.min(...group) > 0.5)
    );
  const long = (x: readonly (readonly number[])[]) => x.every((row) => Math.hypot(...row) > 0.1);
  return views.every((x) =>
    [state.query, state.key].every((encoder) => {
      const { hidden, projected, output } = encode(encoder, state.queryStatistics, x, groups);
      const predicted = forward(state.predictor, state.predictorStatistics, output, groups);
      return spread(hidden) && spread(projected) && long(output) && spread(predicted.hidden) && long(predicted.output);
    })
  );
}

function toViews([query, key]: Case["views"]): Views {
  return { query: tf.tensor2d(query), key: tf.tensor2d(key) };
}

/** The tolerances of a step's loss and next state, by the conditioning of the reference's. */
function tolerancesOf({ options: { groups, ...options }, state, views }: Case): { loss: Tolerance; state: Tolerance } {
  const input = { state, views, options };
  const step = (moved: typeof input) => mocoV3Step(moved.state, moved.views, { ...moved.options, groups });
  return {
    loss: conditioned("reduction", (moved) => step(moved).loss, input),
    // Sums over the batch of what batch norm and normalisation divide by lengths of 1/10 and more. The backbone's
    // offset has no gradient at all, since the projector's norm takes it out again: there only the terms' rounding is
    // left.
    state: conditioned("gradient", (moved) => asNumbers(step(moved).state), input),
  };
}

Deno.test("v3's step equals the reference: loss and every value of the next state", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const expected = mocoV3Step(example.state, example.views, example.options);
        const method = tinyMocoV3(example.sizes, example.options);
        const { state: { step, random: _, ...state }, metrics } = method.step(
          toSource(example.state),
          toViews(example.views),
        );
        const tolerances = tolerancesOf(example);
        assertClose(metrics.loss, expected.loss, tolerances.loss, "loss");
        assertClose(state as Tree as Numbers, asNumbers(expected.state), tolerances.state, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

/** One example in the middle of a run, every option at work. */
const [example] = fc.sample(
  cases.filter(({ options, sizes }) =>
    options.groups === 2 && options.momentum === 0.9 && options.temperature === 0.2 && sizes.dimension === 3
  ),
  { numRuns: 1, seed: 7 },
);
const method = tinyMocoV3(example.sizes, example.options);

testStepLaws("MoCo v3", {
  method,
  state: () => toSource(example.state),
  views: tinyViews([example.views[0].length, example.sizes.features]),
});

/** The example's step with other options, state or views. */
function run(options: Partial<Options> = {}, state: State = example.state, views = example.views) {
  return tinyMocoV3(example.sizes, { ...example.options, ...options }).step(toSource(state), toViews(views));
}

Deno.test("v3: momentum 0 makes the key parameters the query's, momentum 1 keeps them, bit for bit; never the statistics", () => {
  scope(() => {
    const before = toSource(example.state);
    const copied = run({ momentum: 0 }).state.key;
    assertEquals(bytesOf(copied.params), bytesOf(before.query.params)); // the query's before its own step
    assertNotEquals(bytesOf(copied.buffers), bytesOf(before.query.buffers));
    const kept = run({ momentum: 1 }).state.key;
    assertEquals(bytesOf(kept.params), bytesOf(before.key.params));

    // The key's statistics do not know the query's: changing those changes nothing in the key encoder.
    const { hidden, output } = example.state.queryStatistics;
    const moved = { ...hidden, runningMean: hidden.runningMean.map((x) => x + 1) };
    const other = run({}, { ...example.state, queryStatistics: { hidden: moved, output } }).state;
    assertEquals(bytesOf(other.key), bytesOf(run().state.key));
    assertNotEquals(bytesOf(other.query.buffers), bytesOf(run().state.query.buffers));
  });
});

Deno.test("v3: the predictor is outside of the momentum update and of the keys", () => {
  scope(() => {
    const state = method.init(key(5));
    assertEquals(Object.keys(state.key.params), ["backbone", "projector"]);
    // Another predictor gives another loss, but the same key encoder and the same key statistics.
    const { predictor } = example.state;
    const second = predictor.second.map((row) => row.map((x) => -x));
    const [one, other] = [run(), run({}, { ...example.state, predictor: { ...predictor, second } })];
    assertEquals(bytesOf(other.state.key), bytesOf(one.state.key));
    assertNotEquals(bytesOf(other.metrics.loss), bytesOf(one.metrics.loss));
    // And it learns.
    assertNotEquals(bytesOf(one.state.predictor.params), bytesOf(toSource(example.state).predictor.params));
  });
});

Deno.test("v3: the loss is symmetric in the views, and so are the gradients; the statistics come in their order", () => {
  scope(() => {
    const [a, b] = example.views;
    const [one, other] = [run(), run({}, example.state, [b, a])];
    assertClose(other.metrics.loss, one.metrics.loss, "reduction");
    const trained = ({ state }: typeof one) => ({ query: state.query.params, predictor: state.predictor.params });
    assertClose(trained(other) as Tree as never, trained(one) as Tree as never, "gradient");
    assertNotEquals(bytesOf(other.state.query.buffers), bytesOf(one.state.query.buffers));
  });
});

Deno.test("v3: each view is normalised by itself", () => {
  scope(() => {
    // Where one view is moved as a whole, batch norm takes the move out again. It would not, were both one batch.
    const [a, b] = example.views;
    const moved = run({}, example.state, [a.map((row) => row.map((x) => x + 3)), b]);
    assertClose(moved.metrics.loss, run().metrics.loss, { relative: 1e-4, absolute: 1e-5 });
  });
});

Deno.test("v3: the metrics are those of the gradients and of chance", () => {
  scope(() => {
    const { metrics } = run();
    const [n] = [example.views[0].length];
    assertClose(metrics.chance, 4 * 0.2 * Math.log(n), "elementwise");
    const layers = Object.entries(metrics).filter(([name]) => name.startsWith("gradientNorm."));
    assertEquals(layers.map(([name]) => name.slice("gradientNorm.".length)), [
      "backbone.first",
      "backbone.norm",
      "projector.second",
      "predictor.first",
      "predictor.norm",
      "predictor.second",
    ]);
    // All layers together are the whole, which SGD's first velocity shows.
    const total = Math.hypot(...layers.map(([, norm]) => norm.dataSync()[0]));
    assertClose(metrics.gradientNorm, total, "reduction");
    const plain = { learningRate: 0.1, momentum: 0, weightDecay: 0 };
    const { velocity } = run({ sgd: plain }).state.optimizer as { velocity: Tree };
    assertClose(metrics.gradientNorm, globalNorm(velocity), "reduction");
  });
});

Deno.test("v3: keys that cannot be told apart give the loss of chance, with accuracy 0 and no spread", () => {
  scope(() => {
    const same = example.views.map((x) => x.map(() => x[0])) as [number[][], number[][]];
    const { metrics } = run({}, example.state, same);
    assertClose(metrics.loss, metrics.chance, "reduction");
    assertClose(metrics.accuracy, 0, "exact");
    assertClose(metrics.featureStd, 0, { relative: 0, absolute: 1e-3 });
  });
});

Deno.test("v3: each step has another random key, so that the next views are others", () => {
  scope(() => {
    const state = toSource(example.state, key(3));
    const next = method.step(state, toViews(example.views)).state;
    assertNotEquals(readBytes(next.random), readBytes(state.random));
    const after = method.step(next, toViews(example.views)).state;
    assertNotEquals(readBytes(after.random), readBytes(next.random));
  });
});

Deno.test("v3: the key encoder begins as a copy of the query encoder", () => {
  const state = method.init(key(1));
  assertEquals(bytesOf(state.key), bytesOf(state.query));
  dispose(state);
});

Deno.test("v3: features are the backbone's by its running statistics", () => {
  scope(() => {
    const state = toSource(example.state);
    const x = tf.tensor2d(example.views[0]);
    const together = method.features(state, x);
    assertEquals(together.shape, [example.views[0].length, example.sizes.hidden]);
    const alone = method.features(state, tf.slice(x, [1, 0], [1, -1]));
    assertClose(alone, tf.slice(together, [1, 0], [1, -1]), "reduction");
  });
});

Deno.test("v3: any optimizer's state is part of the state: AdamW over two batches, traced", () => {
  const { init, step } = tinyMocoV3(example.sizes, example.options, accumulate(adamW({ learningRate: 0.1 }), 2));
  const traced = jit(step);
  scope(() => {
    const start: MocoV3State = init(key(1));
    const first = traced(start, toViews(example.views)).state;
    const second = traced(first, toViews(example.views)).state;
    const trained = ({ query, predictor }: MocoV3State) =>
      bytesOf({ query: query.params, predictor: predictor.params });
    assertEquals(trained(first), trained(start));
    assertNotEquals(trained(second), trained(first));
  });
});

Deno.test("v3 refuses a predictor whose output is not of the keys' length", () => {
  const layers = { backbone: dense({ features: 4 }), projector: dense({ features: 3 }) };
  const { init } = createMocoV3({
    ...layers,
    predictor: dense({ features: 2 }),
    input: [2],
    optimizer: sgd({ learningRate: 0.1 }),
    momentum: 0.9,
    temperature: 1,
  });
  assertThrows(() => init(key(0)), TypeError, "expected a predictor to [3], found [2]");
});
