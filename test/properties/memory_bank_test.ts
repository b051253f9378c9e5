import fc from "fast-check";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { memoryBankStep, type Options, remember as reference, type State } from "../../reference/memory_bank.ts";
import { key, split } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, readBytes, tf } from "../../src/engine/mod.ts";
import { type Bank, initBank, remember, sampleOthers } from "../../src/methods/bank.ts";
import { floats, matrices, seeds, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { bytesOf, testStepLaws } from "../support/step_laws.ts";
import { encoders, type EncoderSizes, isWellConditioned, statistics, tinyViews } from "../support/tiny_encoder.ts";
import { memoryBankNumbers, memoryBankSource, tinyMemoryBank } from "../support/tiny_mechanisms.ts";

/** Some of M images, each at most once. */
function places(images: number, count: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length: images }, (_, i) => i);
  return fc.shuffledSubarray(all, { minLength: count, maxLength: count });
}

const int32 = (values: readonly number[]) => tf.tensor1d([...values], "int32");

/** Any bank of M images: unit rows, and zeros where an image was not seen. */
function banks(images: number, dimension: number): fc.Arbitrary<State["bank"]> {
  const seen = fc.array(fc.boolean(), { minLength: images, maxLength: images });
  return fc.tuple(unitRows(images, dimension), seen).map(([rows, seen]) => ({
    keys: rows.map((row, image) => seen[image] ? row : row.map(() => 0)),
    seen,
  }));
}

/** A bank, a batch's places in it, their new features, and a momentum. */
const updates = fc.tuple(sizes(1, 9), sizes(2, 4)).chain(([images, dimension]) =>
  sizes(1, images).chain((count) =>
    fc.record({
      bank: banks(images, dimension),
      index: places(images, count),
      features: unitRows(count, dimension),
      momentum: fc.constantFrom(0, 0.25, 0.5, 0.99),
    })
  )
);

function toBank({ keys, seen }: State["bank"]): Bank {
  return { keys: tf.tensor2d(keys as number[][]), seen: tf.tensor1d([...seen], "bool") };
}

Deno.test("remember equals the reference: the batch's rows move and are of unit length, the others stay bit for bit", () => {
  fc.assert(fc.property(updates, ({ bank, index, features, momentum }) => {
    // Where a feature is nearly opposite to its row, what is normalised is nearly nothing.
    const moved = index.map((image, n) =>
      bank.keys[image].map((v, d) => momentum * v + (1 - momentum) * features[n][d])
    );
    fc.pre(moved.every((row, n) => Math.hypot(...row) > (bank.seen[index[n]] ? 0.1 : 0)));
    scope(() => {
      const before = toBank(bank);
      const next = remember(before, int32(index), tf.tensor2d(features), momentum);
      const expected = reference(bank, index, features, momentum);
      const keysOf = ({ keys, features, momentum }: { keys: number[][]; features: number[][]; momentum: number }) =>
        reference({ ...bank, keys }, index, features, momentum).keys;
      const rounding = conditioned("reduction", keysOf, { keys: bank.keys as number[][], features, momentum });
      assertClose(next.keys, expected.keys, rounding, "keys");
      assertEquals([...next.seen.dataSync()], expected.seen.map(Number));
      assertClose(tf.norm(tf.gather(next.keys, int32(index)), 2, 1), index.map(() => 1), "reduction", "length");
      const rows = ({ keys }: Bank) => tf.unstack(keys).map((row) => readBytes(row).toString());
      rows(before).forEach((row, image) => {
        if (!index.includes(image)) assertEquals(rows(next)[image], row);
      });
    });
  }));
});

Deno.test("the first feature of an image becomes its key as it is, whatever the momentum", () => {
  fc.assert(fc.property(unitRows(3, 4), fc.constantFrom(0, 0.5, 0.99), (features, momentum) =>
    scope(() => {
      const { keys, seen } = remember(initBank(5, 4), int32([4, 0, 2]), tf.tensor2d(features), momentum);
      const none = new Array(4).fill(0);
      assertClose(keys, [features[1], none, features[2], none, features[0]], "reduction", "keys");
      assertEquals([...seen.dataSync()], [1, 0, 1, 0, 1]);
    })));
});

Deno.test("a sample holds no image of the batch, whatever the batch, and each of the others equally often", () => {
  const batches = sizes(2, 9).chain((images) =>
    sizes(1, images - 1).chain((count) => places(images, count).map((index) => ({ images, index })))
  );
  fc.assert(
    fc.property(batches, seeds, ({ images, index }, seed) =>
      scope(() => {
        const drawn = 4000;
        const sample = sampleOthers(key(seed), int32(index), drawn, images).dataSync();
        const others = Array.from({ length: images }, (_, i) => i).filter((i) => !index.includes(i));
        const counts = others.map((image) => sample.filter((s) => s === image).length);
        assertEquals(counts.reduce((a, b) => a + b), drawn); // nothing but the others
        const expected = drawn / others.length;
        // Seven standard deviations: one sample in 10^11 is further off.
        for (const count of counts) assert(Math.abs(count - expected) <= 7 * Math.sqrt(expected), `${counts}`);
      })),
    { numRuns: 40 },
  );
});

Deno.test("a batch that is the whole data set leaves nothing to sample", () => {
  scope(() => {
    assertThrows(() => sampleOthers(key(0), int32([1, 0]), 3, 2), RangeError, "more images than the 2 of a batch");
  });
});

type Case = {
  readonly sizes: EncoderSizes & { readonly images: number; readonly negatives: number };
  readonly options: Options;
  readonly state: State;
  readonly view: number[][];
  readonly index: number[];
};

/** Any tiny training: options, a state in the middle of a run, a view, and which images it is of. */
const cases: fc.Arbitrary<Case> = fc.record({
  groups: sizes(1, 2),
  each: sizes(3, 4),
  extra: sizes(1, 6),
  negatives: sizes(1, 12),
  tiny: fc.record({ features: sizes(2, 4), hidden: sizes(1, 4), dimension: sizes(2, 3) }),
}).chain(({ groups, each, extra, negatives, tiny }) => {
  const images = groups * each + extra;
  return fc.record({
    sizes: fc.constant({ ...tiny, images, negatives }),
    options: fc.record({
      momentum: fc.constantFrom(0, 0.5, 0.9),
      temperature: fc.constantFrom(0.2, 0.5, 1),
      groups: fc.constant(groups),
      sgd: fc.record({ learningRate: floats(0.01, 0.5), momentum: floats(0, 0.9), weightDecay: floats(0, 0.1) }),
    }),
    state: fc.record({
      encoder: encoders(tiny),
      statistics: statistics(tiny),
      velocity: encoders(tiny),
      bank: banks(images, tiny.dimension),
    }),
    view: matrices(groups * each, tiny.features),
    index: places(images, groups * each),
  });
}).filter(({ options, state, view, index }) => {
  if (!isWellConditioned(state.encoder, state.statistics, view, options.groups)) return false;
  const { state: { bank } } = memoryBankStep(state, view, index, [0], { ...options, momentum: 0 });
  return index.every((image) => Math.hypot(...bank.keys[image].map((q, d) => q + state.bank.keys[image][d])) > 0.25 // not opposite
  );
});

/** The negatives that a step on this state takes. */
function sampled({ sizes, index }: Case, random = key(0)): number[] {
  return [...sampleOthers(split(random)[1], int32(index), sizes.negatives, sizes.images).dataSync()];
}

/** The tolerances of a step's loss and next state, by the conditioning of the reference's. */
function tolerancesOf({ options: { groups, ...options }, state, view, index }: Case, sample: readonly number[]) {
  const { bank: { keys, seen }, ...networks } = state;
  const input = { networks, keys, view, options };
  const step = (moved: typeof input) =>
    memoryBankStep({ ...moved.networks, bank: { keys: moved.keys, seen } }, moved.view, index, sample, {
      ...moved.options,
      groups,
    });
  return {
    loss: conditioned("reduction", (moved) => step(moved).loss, input),
    state: conditioned("gradient", (moved) => memoryBankNumbers(step(moved).state), input),
  };
}

function toViews({ view, index }: Case) {
  return { query: tf.tensor2d(view), key: tf.tensor2d(view), index: int32(index) };
}

Deno.test("a step with a memory bank equals the reference: loss and every value of the next state", () => {
  fc.assert(
    fc.property(cases, (example) =>
      scope(() => {
        const { state: before, view, index, options } = example;
        const sample = sampled(example);
        const expected = memoryBankStep(before, view, index, sample, options);
        const tolerances = tolerancesOf(example, sample);
        const method = tinyMemoryBank(example.sizes, options);
        const next = method.step(memoryBankSource(before), toViews(example));
        const { step, random: _, ...state } = next.state;
        assertClose(next.metrics.loss, expected.loss, tolerances.loss, "loss");
        assertClose(next.metrics.chance, Math.log(1 + example.sizes.negatives), "elementwise", "chance");
        const real = before.bank.seen.filter((seen) => seen).length / before.bank.seen.length;
        assertClose(next.metrics.realKeys, real, "elementwise", "realKeys");
        assertClose(state as Tree as never, memoryBankNumbers(expected.state), tolerances.state, "state");
        assertClose(step, 1, "exact", "step");
      })),
    { numRuns: 60 },
  );
});

/** One example in the middle of a run. */
const [example] = fc.sample(
  cases.filter(({ options, sizes, state: { bank }, index }) =>
    options.groups === 2 && options.momentum === 0.5 && sizes.negatives > 5 &&
    index.some((image) => bank.seen[image]) && index.some((image) => !bank.seen[image])
  ),
  { numRuns: 1, seed: 7 },
);
const method = tinyMemoryBank(example.sizes, example.options);
const views = tinyViews([example.index.length, example.sizes.features]);

testStepLaws("memory bank", {
  method,
  state: () => memoryBankSource(example.state),
  views: (step) => ({ ...views(step), index: int32(example.index.map((i) => (i + step) % example.sizes.images)) }),
});

Deno.test("positives and negatives are from the bank before the step; the view called key is not looked at", () => {
  scope(() => {
    for (const step of [method.step, jit(method.step)]) {
      const run = (bank: State["bank"]) => step(memoryBankSource({ ...example.state, bank }), toViews(example));
      const { loss } = run(example.state.bank).metrics;
      // Another row changes the loss exactly where the row is a positive or was sampled.
      const { seen } = example.state.bank;
      const used = new Set([...example.index.filter((image) => seen[image]), ...sampled(example)]);
      example.state.bank.keys.forEach((_, image) => {
        const keys = example.state.bank.keys.map((row, i) =>
          i === image ? row.map((x, d) => -x || Number(d === 0)) : row
        );
        const changed = run({ ...example.state.bank, keys }).metrics.loss.dataSync()[0] !== loss.dataSync()[0];
        assertEquals(changed, used.has(image), `row ${image}`);
      });
    }
    const { query, index } = toViews(example);
    const state = memoryBankSource(example.state);
    const other = method.step(state, { query, key: tf.neg(query), index });
    assertEquals(bytesOf(other.state), bytesOf(method.step(state, toViews(example)).state));
  });
});

Deno.test("a query whose image was not seen before is left out: its loss is that of guessing, without a gradient", () => {
  scope(() => {
    const seen = example.state.bank.seen.map(() => false);
    const empty = { ...example.state, bank: { keys: example.state.bank.keys, seen } };
    const { loss, chance, gradientNorm } = method.step(memoryBankSource(empty), toViews(example)).metrics;
    assertClose(loss, chance, "reduction", "loss");
    assertClose(gradientNorm, 0, "exact", "gradient");
  });
});

Deno.test("a sample that the views bring replaces the drawn one", () => {
  scope(() => {
    const brought = { ...toViews(example), sample: int32(sampled(example, key(4))) };
    const { metrics } = method.step(memoryBankSource(example.state, key(3)), brought);
    assertEquals(
      bytesOf(metrics),
      bytesOf(method.step(memoryBankSource(example.state, key(4)), toViews(example)).metrics),
    );
  });
});

Deno.test("each step draws its sample from the state's key", () => {
  scope(() => {
    const at = (seed: number) => method.step(memoryBankSource(example.state, key(seed)), toViews(example));
    assertNotEquals(sampled(example, key(3)), sampled(example, key(4)));
    assert(at(3).metrics.loss.dataSync()[0] !== at(4).metrics.loss.dataSync()[0]);
    assertEquals(bytesOf(at(3).state.random), bytesOf(split(key(3))[0]));
  });
});

Deno.test("views without their places, or with too few, are refused", () => {
  scope(() => {
    const { query, key } = toViews(example);
    const [state, n] = [memoryBankSource(example.state), query.shape[0]];
    assertThrows(() => method.step(state, { query, key }), TypeError, `an index [${n}], found none`);
    assertThrows(() => method.step(state, { query, key, index: int32([0]) }), TypeError, `index [${n}], found [1]`);
  });
});
