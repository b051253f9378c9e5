import fc from "fast-check";
import { type Attention, attention as attentionReference } from "../../reference/attention.ts";
import { gelu as geluReference, geluDerivative } from "../../reference/gelu.ts";
import { layerNorm as layerNormReference } from "../../reference/layer_norm.ts";
import { sinCosPosition as sinCosReference } from "../../reference/sin_cos_position.ts";
import { type Block, transformerBlock as blockReference } from "../../reference/transformer_block.ts";
import { scope } from "../../src/core/scope.ts";
import { isLeaf, type Tree } from "../../src/core/tree.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { patches } from "../../src/engine/ops/patches.ts";
import { attention } from "../../src/nn/attention.ts";
import { gelu } from "../../src/nn/gelu.ts";
import { layerNorm } from "../../src/nn/layer_norm.ts";
import { sinCosPosition } from "../../src/nn/position_embedding.ts";
import { transformerBlock } from "../../src/nn/transformer_block.ts";
import type { Layer, Network } from "../../src/nn/types.ts";
import { blocks, matrices, seeds, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose, type Numbers } from "../support/close.ts";
import { flat, initial, passes, unsettled } from "../support/gradients.ts";
import { slopes } from "../support/finite_differences.ts";
import { ofTensor } from "../support/golden.ts";

type Matrix = number[][];

/** A tree of tensors as nested arrays. */
function numbersOf(tree: Tree): unknown {
  return isLeaf(tree)
    ? tree.arraySync()
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, numbersOf(child)]));
}

/** The sum of every product of two matrices' elements. */
function inner(a: Matrix, b: Matrix): number {
  return a.reduce((sum, row, i) => row.reduce((sum, value, j) => sum + value * b[i][j], sum), 0);
}

/**
 * Each leaf near the expected one, as a share of its largest element: an element is a sum in which terms cancel. Where
 * all of them may cancel, `terms` says how large they are: of that, eight roundings of float32.
 */
function assertNear(actual: Tree, expected: unknown, what: string, terms: number = 0): void {
  if (isLeaf(actual)) {
    const { relative, absolute } = ofTensor(tf.tensor(expected as number[]), 1e-4);
    const least = Math.max(1e-6, terms * 2 ** -21);
    return assertClose(actual, expected as Numbers, { relative, absolute: Math.max(absolute, least) }, what);
  }
  for (const [name, child] of Object.entries(actual)) {
    assertNear(child, (expected as Record<string, unknown>)[name], `${what}.${name}`);
  }
}

/** A layer over tokens against its reference: values, and gradients against the reference's central differences. */
function assertLayer<L>(
  layer: Layer,
  network: Network,
  samples: readonly Matrix[],
  cotangents: readonly Matrix[],
  reference: (x: Matrix, values: L) => Matrix,
  dxTerms: number = 0,
): void {
  const actual = passes(layer, network, tf.tensor(samples as Matrix[]), tf.tensor(cotangents as Matrix[]));
  const values = numbersOf(network.params) as L;
  const expected = samples.map((x) => reference(x, values));
  assertNear(actual.output, expected, "output");
  const loss = ({ samples, values }: { samples: readonly Matrix[]; values: L }) =>
    samples.reduce((sum, x, n) => sum + inner(reference(x, values), cotangents[n]), 0);
  const gradient = slopes(loss, { samples, values });
  assertNear(actual.dx, gradient.samples, "dx", dxTerms);
  assertNear(actual.dParams, gradient.values, "dParams");
}

Deno.test("gelu equals the reference: values and derivative, near 0 and in both tails", () => {
  fc.assert(fc.property(vectors(9, -6, 6), vectors(9), (x, dy) =>
    scope(() => {
      const actual = passes(gelu(), { params: {}, buffers: {} }, tf.tensor1d(x), tf.tensor1d(dy));
      // 1 + erf cancels in the left tail, where the value is small and its error is that of a number near 1, times x.
      assertClose(actual.output, x.map(geluReference), { relative: 1e-6, absolute: 6 * 2 ** -22 }, "y");
      assertClose(actual.dx, x.map((x, i) => geluDerivative(x) * dy[i]), { relative: 1e-5, absolute: 2e-6 }, "dx");
    })));
});

const rows = fc.tuple(sizes(1, 4), sizes(2, 6)).chain(([n, channels]) =>
  fc.record({
    x: matrices(n, channels),
    dy: matrices(n, channels),
    weight: vectors(channels),
    bias: vectors(channels),
  }).filter(({ x }) => x.every((row) => Math.max(...row) - Math.min(...row) > 0.5))
);

function deviation(row: readonly number[]): number {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  return Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
}

Deno.test("layerNorm equals the reference: values, and gradients by finite differences", () => {
  fc.assert(
    fc.property(rows, ({ x, dy, weight, bias }) =>
      scope(() => {
        // dx is what is left of weight dy / s when its mean and its share of x are taken off: of two channels, nothing.
        const terms = x.map((row, n) =>
          Math.max(...row.map((_, i) => Math.abs(weight[i] * dy[n][i]))) / deviation(row)
        );
        assertLayer<{ weight: number[]; bias: number[] }>(
          layerNorm(),
          { params: { weight: tf.tensor1d(weight), bias: tf.tensor1d(bias) }, buffers: {} },
          [x],
          [dy],
          (x, { weight, bias }) => layerNormReference(x, weight, bias),
          Math.max(...terms),
        );
      })),
    { numRuns: 50 },
  );
});

const transformers = fc.record({
  n: sizes(1, 2),
  tokens: sizes(1, 4),
  heads: sizes(1, 3),
  channels: sizes(1, 3),
  seed: seeds.map((seed) => seed % 2 ** 30),
  queries: fc.constantFrom("all", "first"),
}).filter(({ heads, channels }) => heads * channels > 1).chain(({ n, tokens, channels, ...others }) => {
  const batch = (tokens: number) => fc.array(matrices(tokens, others.heads * channels), { minLength: n, maxLength: n });
  return fc.record({ x: batch(tokens), dy: batch(others.queries === "all" ? tokens : 1) })
    .map((samples) => ({ ...samples, ...others }));
});

/** What is asked for of a reference's tokens. */
function asked(y: Matrix, queries: "all" | "first"): Matrix {
  return queries === "all" ? y : [y[0]];
}

Deno.test("attention equals the reference: values, and gradients by finite differences", () => {
  fc.assert(
    fc.property(transformers, ({ x, dy, heads, seed, queries }) =>
      scope(() => {
        const layer = attention({ dimension: x[0][0].length, heads, queries });
        const network = unsettled(initial(layer, [x[0].length, x[0][0].length], seed), seed);
        assertLayer<Attention>(layer, network, x, dy, (x, values) =>
          asked(attentionReference(x, values, heads), queries));
      })),
    { numRuns: 50 },
  );
});

Deno.test("a transformer block equals the reference: values, and gradients by finite differences", () => {
  const wide = transformers.filter(({ x }) => {
    // Layer norm divides by the spread of a token's channels: near 0 the gradient is all curvature.
    return x.every((tokens) => tokens.every((row) => row.length > 2 && Math.max(...row) - Math.min(...row) > 0.5));
  });
  fc.assert(
    fc.property(wide, ({ x, dy, heads, seed, queries }) =>
      scope(() => {
        const dimension = x[0][0].length;
        const layer = transformerBlock({ dimension, heads, ratio: 2, queries });
        const network = unsettled(initial(layer, [x[0].length, dimension], seed), seed);
        assertLayer<Block>(layer, network, x, dy, (x, values) => asked(blockReference(x, values, heads), queries));
      })),
    { numRuns: 20 },
  );
});

Deno.test("sinCosPosition equals the reference on any grid", () => {
  fc.assert(fc.property(sizes(1, 15), sizes(1, 15), sizes(1, 8), (rows, columns, quarter) =>
    scope(() =>
      assertClose(
        sinCosPosition([rows, columns], 4 * quarter),
        sinCosReference(rows, columns, 4 * quarter),
        "elementwise",
      )
    )));
});

const images = fc.record({ n: sizes(1, 2), rows: sizes(1, 3), columns: sizes(1, 3), size: sizes(1, 3), c: sizes(1, 3) })
  .chain(({ n, rows, columns, size, c }) =>
    fc.record({ size: fc.constant(size), x: blocks([n, rows * size, columns * size, c]) })
  );

Deno.test("patches hold their pixels row by row, and the gradient puts each back in its place", () => {
  fc.assert(fc.property(images, ({ size, x }) =>
    scope(() => {
      const [n, height, width, c] = x.shape;
      const pixel = (i: number, row: number, column: number) => {
        const at = ((i * height + row) * width + column) * c;
        return x.values.slice(at, at + c);
      };
      const expected: number[] = [];
      for (let i = 0; i < n; i++) {
        for (let top = 0; top < height; top += size) {
          for (let left = 0; left < width; left += size) {
            for (let at = 0; at < size * size; at++) {
              expected.push(...pixel(i, top + Math.floor(at / size), left + at % size));
            }
          }
        }
      }
      const layer: Layer = {
        init: () => ({ network: { params: {}, buffers: {} }, output: [] }),
        apply: (_, x) => ({ output: patches(x, size), buffers: {} }),
      };
      const input: Tensor = tf.tensor(x.values, x.shape);
      const y = patches(input, size);
      assertClose(flat({ y }).y, expected, "exact");
      // As a permutation of pixels, its gradient takes its value back to where it came from.
      assertClose(passes(layer, { params: {}, buffers: {} }, input, y).dx, input, "exact");
    })));
});
