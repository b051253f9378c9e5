/**
 * The tiny encoder of reference/encoder.ts in src, arbitraries of its values, and the way from them to tensors and
 * back.
 *
 * @module
 */
import fc from "fast-check";
import { type Encoder, forward, type Statistics } from "../../reference/encoder.ts";
import type { Matrix } from "../../reference/matrix.ts";
import { foldIn, key, normal, split } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { dense } from "../../src/nn/dense.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Layer, Network, Shape } from "../../src/nn/types.ts";
import { matrices, vectors } from "./arbitraries.ts";
import type { Tolerance } from "./close.ts";

/** Features of an image F, hidden H, dimension D. */
export type EncoderSizes = { readonly features: number; readonly hidden: number; readonly dimension: number };

/** The encoder as configurations take it. */
export function tinyEncoder(
  { features, hidden, dimension }: EncoderSizes,
): { readonly backbone: Layer; readonly head: Layer; readonly input: Shape } {
  return {
    backbone: sequential({ first: dense({ features: hidden, bias: false }), norm: batchNorm() }),
    head: dense({ features: dimension }),
    input: [features],
  };
}

/** Any values of the encoder. */
export function encoders({ features, hidden, dimension }: EncoderSizes): fc.Arbitrary<Encoder> {
  return fc.record({
    first: matrices(features, hidden),
    scale: vectors(hidden, 0.5, 2),
    offset: vectors(hidden, -1, 1),
    second: matrices(hidden, dimension),
    bias: vectors(dimension, 0.5, 1),
  });
}

/** Any running statistics of the encoder. */
export function statistics({ hidden }: EncoderSizes): fc.Arbitrary<Statistics> {
  return fc.record({ runningMean: vectors(hidden), runningVariance: vectors(hidden, 0.5, 2) });
}

/** Two views of a shape by the number of a step: unrelated normal draws. */
export function tinyViews(
  shape: readonly number[],
): (step: number) => { readonly query: Tensor; readonly key: Tensor } {
  return (step) => {
    const [query, view] = scope(() => split(foldIn(key(99), step)).map((draw) => normal(draw, shape)));
    return { query, key: view };
  };
}

/**
 * The gradient is a sum over the batch of terms that reach 1/(T |output|), 10 and more, and often cancel: what float32
 * leaves of such a sum is off by some 1e-6 of its terms. Hence ten times the absolute part of "gradient".
 */
export const stepTolerance: Tolerance = { relative: 1e-4, absolute: 1e-5 };

/**
 * Whether the gradient divides by nothing small: every batch-norm group has some spread, and no output is near zero.
 */
export function isWellConditioned(encoder: Encoder, running: Statistics, x: Matrix, groups: number): boolean {
  const spread = encoder.first[0].every((_, h) => {
    const hidden = x.map((row) => row.reduce((sum, value, f) => sum + value * encoder.first[f][h], 0));
    return Array.from({ length: groups }, (_, g) => hidden.filter((_, n) => n % groups === g))
      .every((group) => Math.max(...group) - Math.min(...group) > 0.5);
  });
  return spread && forward(encoder, running, x, groups).output.every((row) => Math.hypot(...row) > 0.25);
}

/** The reference's values as src's. */
export function asNetwork(encoder: Encoder, { runningMean, runningVariance }: Statistics): Network {
  return {
    params: {
      backbone: {
        first: { weight: tf.tensor2d(encoder.first as number[][]) },
        norm: { weight: tf.tensor1d([...encoder.scale]), bias: tf.tensor1d([...encoder.offset]) },
      },
      head: { weight: tf.tensor2d(encoder.second as number[][]), bias: tf.tensor1d([...encoder.bias]) },
    },
    buffers: {
      backbone: {
        norm: { running_mean: tf.tensor1d([...runningMean]), running_var: tf.tensor1d([...runningVariance]) },
      },
    },
  };
}

/** The reference's values in the structure of src's, to compare with. */
export function networkNumbers(encoder: Encoder, statistics: Statistics) {
  return {
    params: parameterNumbers(encoder),
    buffers: {
      backbone: { norm: { running_mean: statistics.runningMean, running_var: statistics.runningVariance } },
    },
  };
}

/** The reference's parameters in the structure of src's. */
export function parameterNumbers(encoder: Encoder) {
  return {
    backbone: { first: { weight: encoder.first }, norm: { weight: encoder.scale, bias: encoder.offset } },
    head: { weight: encoder.second, bias: encoder.bias },
  };
}
