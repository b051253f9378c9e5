/**
 * The smallest encoder that has all that matters, in float64: two linear layers with batch norm between them, and unit
 * features.
 *
 *     f(x) = l2( batch_norm(x W1) W2 + b )
 *
 * The steps of moco.ts, end_to_end.ts, simclr.ts, memory_bank.ts and supervised.ts are written over it.
 *
 * @module
 */
import { type BatchNorm, batchNormGradient, batchNormTraining } from "./batch_norm.ts";
import { l2Normalize, l2NormalizeGradient } from "./l2_normalize.ts";
import { add, columnSums, type Matrix, product, transpose, type Vector } from "./matrix.ts";
import { sgd, type SgdOptions } from "./sgd.ts";

/** The parameters of the encoder: W1 [F][H], batch norm over H, W2 [H][D] and b [D]. */
export type Encoder = {
  readonly first: Matrix;
  readonly scale: Vector;
  readonly offset: Vector;
  readonly second: Matrix;
  readonly bias: Vector;
};

/** The running statistics of the encoder's batch norm, [H]. */
export type Statistics = { readonly runningMean: Vector; readonly runningVariance: Vector };

/** Outputs [N][D] before they are scaled to unit length, unit features [N][D], and the moved statistics. */
export function forward(
  encoder: Encoder,
  statistics: Statistics,
  x: Matrix,
  groups: number,
): { readonly output: number[][]; readonly features: number[][]; readonly statistics: Statistics } {
  const { output, features, moved } = pass(encoder, statistics, x, groups);
  return { output, features, statistics: moved };
}

/** The forward pass, with what the backward pass looks back at. */
function pass(encoder: Encoder, statistics: Statistics, x: Matrix, groups: number) {
  const hidden = product(x, encoder.first);
  const { y, ...moved } = batchNormTraining(hidden.map((row) => [row]), layerOf(encoder, statistics), groups);
  const normalized = y.map(([row]) => row);
  const output = product(normalized, encoder.second).map((row) => add(row, encoder.bias));
  return { hidden, normalized, output, features: l2Normalize(output), moved };
}

/** The gradient with respect to the parameters, given the one with respect to the features. */
export function backward(
  encoder: Encoder,
  statistics: Statistics,
  x: Matrix,
  groups: number,
  dFeatures: Matrix,
): Encoder {
  const { output } = pass(encoder, statistics, x, groups);
  return backwardFromOutput(encoder, statistics, x, groups, l2NormalizeGradient(output, dFeatures));
}

/** The same, given the gradient with respect to the outputs before they are scaled to unit length. */
export function backwardFromOutput(
  encoder: Encoder,
  statistics: Statistics,
  x: Matrix,
  groups: number,
  dOutput: Matrix,
): Encoder {
  const { hidden, normalized } = pass(encoder, statistics, x, groups);
  const dNormalized = product(dOutput, transpose(encoder.second));
  const norm = batchNormGradient(
    hidden.map((row) => [row]),
    dNormalized.map((row) => [row]),
    layerOf(encoder, statistics),
    groups,
  );
  return {
    first: product(transpose(x), norm.x.map(([row]) => row)),
    scale: norm.scale,
    offset: norm.offset,
    second: product(transpose(normalized), dOutput),
    bias: columnSums(dOutput),
  };
}

function layerOf({ scale, offset }: Encoder, statistics: Statistics): BatchNorm {
  return { scale, offset, ...statistics };
}

/** The next parameters and velocity, by SGD. */
export function descend(
  encoder: Encoder,
  velocity: Encoder,
  gradient: Encoder,
  options: SgdOptions,
): { readonly encoder: Encoder; readonly velocity: Encoder } {
  return {
    encoder: combine3(encoder, velocity, gradient, (w, v, g) => sgd(w, v, g, options).parameters),
    velocity: combine3(encoder, velocity, gradient, (w, v, g) => sgd(w, v, g, options).velocity),
  };
}

/** An encoder in which every row of numbers comes from the same row of the two others. */
export function combine(a: Encoder, b: Encoder, f: (a: Vector, b: Vector) => number[]): Encoder {
  return combine3(a, b, b, f);
}

function combine3(a: Encoder, b: Encoder, c: Encoder, f: (a: Vector, b: Vector, c: Vector) => number[]): Encoder {
  const rows = (x: Matrix, y: Matrix, z: Matrix) => x.map((row, i) => f(row, y[i], z[i]));
  return {
    first: rows(a.first, b.first, c.first),
    scale: f(a.scale, b.scale, c.scale),
    offset: f(a.offset, b.offset, c.offset),
    second: rows(a.second, b.second, c.second),
    bias: f(a.bias, b.bias, c.bias),
  };
}
