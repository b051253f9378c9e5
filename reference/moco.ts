/**
 * One whole step of MoCo v1/v2 in float64, over the smallest encoder that has all that matters: two linear layers with
 * batch norm between them.
 *
 *     f(x) = l2( batch_norm(x W1) W2 + b )
 *
 *     theta_k <- m theta_k + (1 - m) theta_q                      before the keys
 *     k = unshuffle(f_k(shuffle(x_k))),    q = f_q(x_q)           batch norm in groups, each encoder with its own statistics
 *     L = InfoNCE(q, k, queue)  [ + InfoNCE(q', k', queue), the views exchanged, the queue as it was ]
 *     theta_q <- SGD(theta_q, dL/dtheta_q)                        no gradient reaches the keys
 *     queue <- enqueue(queue, k)  [ , then k' ]
 *
 * Source: arXiv:1911.05722, algorithm 1; the symmetric loss: the authors' CIFAR-10 demonstration.
 *
 * @module
 */
import { type BatchNorm, batchNormGradient, batchNormTraining } from "./batch_norm.ts";
import { ema } from "./ema.ts";
import { infoNce } from "./info_nce.ts";
import { l2Normalize, l2NormalizeGradient } from "./l2_normalize.ts";
import { enqueue, type Queue } from "./queue.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import { shuffle, unshuffle } from "./shuffle_bn.ts";

/** Rows. */
export type Matrix = readonly (readonly number[])[];

/** The parameters of the encoder: W1 [F][H], batch norm over H, W2 [H][D] and b [D]. */
export type Encoder = {
  readonly first: Matrix;
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly second: Matrix;
  readonly bias: readonly number[];
};

/** The running statistics of the encoder's batch norm, [H]. */
export type Statistics = { readonly runningMean: readonly number[]; readonly runningVariance: readonly number[] };

/** All that a step changes. */
export type State = {
  readonly query: Encoder;
  readonly queryStatistics: Statistics;
  readonly key: Encoder;
  readonly keyStatistics: Statistics;
  readonly velocity: Encoder;
  readonly queue: Queue;
};

/** The constants of a training. */
export type Options = {
  readonly momentum: number;
  readonly temperature: number;
  readonly groups: number;
  readonly symmetric: boolean;
  readonly sgd: SgdOptions;
};

/**
 * The next state, the loss in nats, and the gradient of the loss with respect to the query encoder.
 *
 * @param views two views of the same N samples, [N][F] each.
 * @param permutation of the key batch.
 */
export function mocoStep(
  state: State,
  views: { readonly query: Matrix; readonly key: Matrix },
  permutation: readonly number[],
  options: Options,
): { readonly state: State; readonly loss: number; readonly gradient: Encoder } {
  const key = combine(state.key, state.query, (k, q) => ema(k, q, options.momentum));
  const directions = options.symmetric
    ? [[views.query, views.key], [views.key, views.query]]
    : [[views.query, views.key]];

  let { queryStatistics, keyStatistics, queue } = state;
  let loss = 0;
  let gradient = combine(state.query, state.query, (w) => w.map(() => 0));
  for (const [queryView, keyView] of directions) {
    const query = forward(state.query, queryStatistics, queryView, options.groups);
    const keys = forward(key, keyStatistics, shuffle(keyView, permutation), options.groups);
    const k = unshuffle(keys.features, permutation);
    const contrast = infoNce(query.features, k, state.queue.keys, options.temperature);
    loss += contrast.loss;
    const slope = backward(state.query, queryStatistics, queryView, options.groups, contrast.gradient);
    gradient = combine(gradient, slope, (a, b) => a.map((value, i) => value + b[i]));
    queue = enqueue(queue, k);
    queryStatistics = query.statistics;
    keyStatistics = keys.statistics;
  }

  const velocity = combine3(state.query, state.velocity, gradient, (w, v, g) => sgd(w, v, g, options.sgd).velocity);
  const query = combine3(state.query, state.velocity, gradient, (w, v, g) => sgd(w, v, g, options.sgd).parameters);
  return { state: { query, queryStatistics, key, keyStatistics, velocity, queue }, loss, gradient };
}

/** Unit features [N][D] and the moved statistics. */
function forward(encoder: Encoder, statistics: Statistics, x: Matrix, groups: number) {
  const hidden = product(x, encoder.first);
  const { y, ...moved } = batchNormTraining(hidden.map((row) => [row]), layerOf(encoder, statistics), groups);
  const normalized = y.map(([row]) => row);
  const output = product(normalized, encoder.second).map((row) => row.map((value, d) => value + encoder.bias[d]));
  return { hidden, normalized, output, features: l2Normalize(output), statistics: moved };
}

/** The gradient with respect to the parameters, given the one with respect to the features. */
function backward(encoder: Encoder, statistics: Statistics, x: Matrix, groups: number, dFeatures: Matrix): Encoder {
  const { hidden, normalized, output } = forward(encoder, statistics, x, groups);
  const dOutput = l2NormalizeGradient(output, dFeatures);
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
    bias: transpose(dOutput).map((column) => column.reduce((sum, value) => sum + value, 0)),
  };
}

function layerOf({ scale, offset }: Encoder, statistics: Statistics): BatchNorm {
  return { scale, offset, ...statistics };
}

function product(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, i) => sum + value * b[i][j], 0)));
}

function transpose(a: Matrix): number[][] {
  return a[0].map((_, j) => a.map((row) => row[j]));
}

type Rows = readonly number[];

/** An encoder whose every row of numbers comes from the same row of the two others. */
function combine(a: Encoder, b: Encoder, f: (a: Rows, b: Rows) => number[]): Encoder {
  return combine3(a, b, b, f);
}

function combine3(a: Encoder, b: Encoder, c: Encoder, f: (a: Rows, b: Rows, c: Rows) => number[]): Encoder {
  const rows = (x: Matrix, y: Matrix, z: Matrix) => x.map((row, i) => f(row, y[i], z[i]));
  return {
    first: rows(a.first, b.first, c.first),
    scale: f(a.scale, b.scale, c.scale),
    offset: f(a.offset, b.offset, c.offset),
    second: rows(a.second, b.second, c.second),
    bias: f(a.bias, b.bias, c.bias),
  };
}
