import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { virtualDevices } from "../../src/core/devices.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { key, normal, split, uniform } from "../../src/core/random.ts";
import { recompute } from "../../src/core/recompute.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, type JitOptions, type Tensor, tf } from "../../src/engine/mod.ts";
import { forward } from "../../src/methods/encode.ts";
import { activation } from "../../src/nn/activation.ts";
import { recomputed } from "../../src/nn/recomputed.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Layer, Params } from "../../src/nn/types.ts";
import { matrices, seeds, sizes } from "../support/arbitraries.ts";
import { assertTreeClose } from "../support/golden.ts";
import { bytesOf } from "../support/step_laws.ts";
import { asNetwork, encoders, isWellConditioned, statistics, tinyEncoder } from "../support/tiny_encoder.ts";

/** What passes from one part of a function to the next: features [N, D] and a random key. */
type Passed = { readonly h: Tensor; readonly random: Tensor };

/** Operations that use weights, randomness, neither, or an input twice. */
const operations = {
  product: (h: Tensor, weight: Tensor) => tf.matMul(h as tf.Tensor2D, weight as tf.Tensor2D),
  tanh: (h: Tensor) => tf.tanh(h),
  softmax: (h: Tensor) => tf.softmax(h),
  gate: (h: Tensor, weight: Tensor) => tf.mul(h, tf.sigmoid(tf.matMul(h as tf.Tensor2D, weight as tf.Tensor2D))),
  drop: (h: Tensor, _: Tensor, random: Tensor) =>
    tf.mul(h, tf.cast(tf.greater(uniform(random, h.shape), 0.4), "float32")),
} as const;

type Operation = keyof typeof operations;

/**
 * One part of a function: some operations in turn. Its outputs are differentiable ones, whole numbers, and an input.
 */
function part(names: readonly Operation[]) {
  return ({ h: x, weight, random }: Passed & { readonly weight: Tensor }) => {
    const [next, ...keys] = split(random, names.length + 1);
    const h = names.reduce((h, name, index) => operations[name](h, weight, keys[index]), x);
    return { h, random: next, size: tf.sum(tf.square(h)), largest: tf.argMax(h, 1), weight };
  };
}

type Part = ReturnType<typeof part>;

/** The parts in turn as a step: loss, what was seen, and the gradients of features and weights. */
function stepOf(parts: readonly Part[], random: Tensor) {
  return (params: { readonly x: Tensor; readonly weights: { readonly [part: string]: Tensor } }): Tree => {
    const { loss, aux, gradients } = valueAndGrad(({ x, weights }) => {
      let passed: Passed = { h: x, random };
      let loss: Tensor = tf.scalar(0);
      const seen: Record<string, Tree> = {};
      parts.forEach((part, index) => {
        const { size, largest, weight, ...next } = part({ ...passed, weight: weights[index] });
        loss = tf.add(loss, tf.add(size, tf.sum(weight)));
        seen[index] = { size, largest };
        passed = next;
      });
      return { loss: tf.add(loss, tf.sum(passed.h)), aux: { seen, h: passed.h } };
    }, params);
    return { loss, ...aux, gradients };
  };
}

const cases = fc.record({ n: sizes(1, 3), d: sizes(1, 4), seed: seeds }).chain(({ n, d, seed }) => {
  const names = fc.constantFrom(...Object.keys(operations) as Operation[]);
  const parts = fc.array(fc.array(names, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  return parts.chain((parts) =>
    fc.record({
      seed: fc.constant(seed),
      parts: fc.constant(parts),
      x: matrices(n, d),
      weights: fc.array(matrices(d, d, -1, 1), { minLength: parts.length, maxLength: parts.length }),
    })
  );
});

type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

function paramsOf({ x, weights }: Case) {
  return { x: tf.tensor(x), weights: Object.fromEntries(weights.map((weight, index) => [index, tf.tensor(weight)])) };
}

/** Compiled, sums are taken in another order. */
function assertNear(actual: Tree, expected: Tree): void {
  assertTreeClose(actual, expected, { floor: 1e-6 });
}

/** Every part recomputed, inside of what is recomputed. */
const nested = (parts: readonly Part[]) => parts.map((part) => recompute(recompute(part)));

Deno.test("recompute gives the plain function's values and gradients, bit for bit", () => {
  fc.assert(fc.property(cases, (drawn) =>
    scope(() => {
      const parts = drawn.parts.map(part);
      const [params, random] = [paramsOf(drawn), key(drawn.seed)];
      const expected = bytesOf(stepOf(parts, random)(params));
      assertEquals(bytesOf(stepOf(parts.map((part) => recompute(part)), random)(params)), expected);
      assertEquals(bytesOf(stepOf(nested(parts), random)(params)), expected);
    })));
});

const ways: readonly (readonly [name: string, options: JitOptions, runs: number])[] = [
  ["jit", {}, 12],
  ["XLA", { xla: true }, 5],
];

for (const [name, options, numRuns] of ways) {
  Deno.test(`recompute gives the plain function's values and gradients under ${name}`, () => {
    fc.assert(
      fc.property(cases, (drawn) =>
        scope(() => {
          const parts = drawn.parts.map(part);
          const random = key(drawn.seed);
          const run = (parts: readonly Part[]) => jit(stepOf(parts, random), options)(paramsOf(drawn));
          const expected = run(parts);
          assertNear(run(parts.map((part) => recompute(part))), expected);
          assertNear(run(nested(parts)), expected);
        })),
      { numRuns, endOnFailure: true }, // shrinking would compile hundreds of functions
    );
  });
}

const sizesOfEncoder = { features: 3, hidden: 4, dimension: 2 };
const trained = fc.record({
  encoder: encoders(sizesOfEncoder),
  running: statistics(sizesOfEncoder),
  seed: seeds,
  groups: fc.constantFrom(1, 2),
});

/** Two batches through a layer in turn: outputs, the statistics after both, and the gradients of the parameters. */
function passesInTurn(layer: Layer, params: Params, buffers: Params, batches: readonly Tensor[], groups: number) {
  const { loss, aux, gradients } = valueAndGrad(({ params }) => {
    const { outputs, buffers: after } = forward(layer, { params, buffers }, batches, virtualDevices(groups));
    const [first, second] = outputs;
    return { loss: tf.sum(tf.mul(first, tf.sin(second))), aux: { first, second, after } };
  }, { params });
  return { seen: { loss, ...aux }, gradients };
}

Deno.test("a recomputed layer has the plain layer's outputs, statistics and gradients over two batches in turn", () => {
  fc.assert(
    fc.property(trained, ({ encoder, running, seed, groups }) =>
      scope(() => {
        const { backbone, head } = tinyEncoder(sizesOfEncoder);
        const tanh = activation((x) => tf.tanh(x));
        const network = asNetwork(encoder, running);
        const plain = sequential({ backbone, tanh, head });
        const parts = sequential({ backbone: recomputed(backbone), tanh, head: recomputed(head) });
        const batches = split(key(seed)).map((draw) => normal(draw, [4, 3]));
        fc.pre(batches.every((x) => isWellConditioned(encoder, running, x.arraySync() as number[][], groups)));
        const run = (layer: Layer) => (params: Params, buffers: Params) =>
          passesInTurn(layer, params, buffers, batches, groups);
        const expected = run(plain)(network.params, network.buffers);
        for (const layer of [parts, recomputed(plain), recomputed(parts)]) {
          const actual = run(layer)(network.params, network.buffers);
          assertEquals(bytesOf(actual.seen), bytesOf(expected.seen));
          // Of a gradient, the parts of groups and batches are added in another order.
          assertNear(actual.gradients, expected.gradients);
          assertNear(jit(run(layer))(network.params, network.buffers), expected);
        }
      })),
    { numRuns: 6 },
  );
});
