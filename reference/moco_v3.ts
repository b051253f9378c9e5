/**
 * MoCo v3 in float64: its contrastive loss, and one whole step over the smallest networks that have all that matters.
 *
 *     ctr(q, k) = 2 T / N sum_n -log( exp(q_n . k_n / T) / sum_j exp(q_n . k_j / T) )
 *
 *     f(x) = batch_norm0( batch_norm(x W1) W2 )          encoder: backbone (W1 and its norm) and projector
 *     g(z) = batch_norm(z W3) W4                         predictor, on the query side alone
 *
 * where batch_norm0 has neither scale nor offset, and
 *
 *     theta_k <- m theta_k + (1 - m) theta_f                        before the keys; encoder only, parameters only
 *     k1 = l2(f_k(x1)),  k2 = l2(f_k(x2)),  q1 = l2(g(f(x1))),  q2 = l2(g(f(x2)))
 *     L = ctr(q1, k2) + ctr(q2, k1)                                 no gradient reaches the keys
 *     theta_f, theta_g <- SGD(dL/dtheta)
 *
 * Each view is forwarded by itself, view 1 before view 2: batch norm measures each, and the running statistics of each
 * of the three networks pass from view 1 to view 2.
 *
 * Source: arXiv:2104.02057, algorithm 1; eq. 1 for the loss.
 *
 * @module
 */
import { batchNormGradient, batchNormTraining } from "./batch_norm.ts";
import { ema } from "./ema.ts";
import { l2Normalize, l2NormalizeGradient } from "./l2_normalize.ts";
import { add, dot, logSumExp, type Matrix, product, transpose, type Vector } from "./matrix.ts";
import { sgd, type SgdOptions } from "./sgd.ts";

/** What the loss of one direction gives. */
export type Contrast = {
  /** ctr(q, k), nats. */
  readonly loss: number;
  /** [N][N]; the positives are on the diagonal. */
  readonly logits: number[][];
  /** d ctr / dq [N][D], the keys held constant. */
  readonly gradient: number[][];
  /** Share of queries whose positive is above every other key; a tie is a miss. */
  readonly top1: number;
};

/**
 * The loss of one direction, and its gradient:
 *
 *     d ctr / dq_n = 2 / N ( sum_j p_nj k_j - k_n ),    p_n = softmax(q_n . k / T)
 *
 * @param q queries [N][D], unit rows.
 * @param k keys [N][D], unit rows: k[n] is the positive of q[n].
 * @param temperature T > 0.
 */
export function contrast(q: Matrix, k: Matrix, temperature: number): Contrast {
  const count = q.length;
  const logits: number[][] = [];
  const gradient: number[][] = [];
  let loss = 0;
  let top1 = 0;
  for (let n = 0; n < count; n++) {
    const row = k.map((key) => dot(q[n], key) / temperature);
    const logSum = logSumExp(row);
    loss += 2 * temperature * (logSum - row[n]) / count;
    const slope = new Array<number>(q[n].length).fill(0);
    for (let j = 0; j < count; j++) {
      const excess = Math.exp(row[j] - logSum) - (j === n ? 1 : 0);
      for (let d = 0; d < slope.length; d++) slope[d] += 2 * excess * k[j][d] / count;
    }
    if (row.every((value, j) => j === n || value < row[n])) top1 += 1 / count;
    logits.push(row);
    gradient.push(slope);
  }
  return { loss, logits, gradient, top1 };
}

/** x to batch_norm(x first; scale, offset) second. */
export type Mlp = {
  readonly first: Matrix;
  readonly scale: Vector;
  readonly offset: Vector;
  readonly second: Matrix;
};

/** Running statistics of a batch norm. */
export type Statistics = { readonly runningMean: Vector; readonly runningVariance: Vector };

/** The running statistics of an encoder's two norms. */
export type EncoderStatistics = { readonly hidden: Statistics; readonly output: Statistics };

/** All that a step changes. */
export type State = {
  readonly query: Mlp;
  readonly queryStatistics: EncoderStatistics;
  readonly key: Mlp;
  readonly keyStatistics: EncoderStatistics;
  readonly predictor: Mlp;
  readonly predictorStatistics: Statistics;
  /** The velocities of encoder and predictor. */
  readonly velocity: { readonly query: Mlp; readonly predictor: Mlp };
};

/** The constants of a step. */
export type Options = {
  readonly momentum: number;
  readonly temperature: number;
  readonly groups: number;
  readonly sgd: SgdOptions;
};

/** The next state, and the loss in nats. */
export function mocoV3Step(
  state: State,
  views: readonly [Matrix, Matrix],
  { momentum, temperature, groups, sgd: options }: Options,
): { readonly state: State; readonly loss: number } {
  const key = combine((k, q) => ema(k, q, momentum), state.key, state.query);

  let { keyStatistics, queryStatistics, predictorStatistics } = state;
  const keys = views.map((x) => {
    const pass = encode(key, keyStatistics, x, groups);
    keyStatistics = pass.statistics;
    return l2Normalize(pass.output);
  });
  const passes = views.map((x) => {
    const encoded = encode(state.query, queryStatistics, x, groups);
    queryStatistics = encoded.statistics;
    const predicted = forward(state.predictor, predictorStatistics, encoded.output, groups);
    predictorStatistics = predicted.statistics;
    return { encoded, predicted };
  });

  let loss = 0;
  let slopes = { query: zerosLike(state.query), predictor: zerosLike(state.predictor) };
  passes.forEach(({ encoded, predicted }, view) => {
    const q = l2Normalize(predicted.output);
    const term = contrast(q, keys[1 - view], temperature);
    loss += term.loss;
    const dPredicted = l2NormalizeGradient(predicted.output, term.gradient);
    const ofPredictor = backward(state.predictor, predicted, encoded.output, dPredicted, groups);
    const { x: dProjected } = batchNormGradient(
      column(encoded.projected),
      column(ofPredictor.x),
      plain(encoded.projected[0].length),
      groups,
    );
    const ofEncoder = backward(state.query, encoded, views[view], flatten(dProjected), groups);
    slopes = {
      query: combine(add, slopes.query, ofEncoder.parameters),
      predictor: combine(add, slopes.predictor, ofPredictor.parameters),
    };
  });

  const step = (weights: Mlp, velocity: Mlp, slope: Mlp) => ({
    weights: combine((w, v, g) => sgd(w, v, g, options).parameters, weights, velocity, slope),
    velocity: combine((w, v, g) => sgd(w, v, g, options).velocity, weights, velocity, slope),
  });
  const query = step(state.query, state.velocity.query, slopes.query);
  const predictor = step(state.predictor, state.velocity.predictor, slopes.predictor);
  return {
    state: {
      query: query.weights,
      queryStatistics,
      key,
      keyStatistics,
      predictor: predictor.weights,
      predictorStatistics,
      velocity: { query: query.velocity, predictor: predictor.velocity },
    },
    loss,
  };
}

/** f of the module's comment; `projected` is what its last norm normalises. */
export function encode(encoder: Mlp, statistics: EncoderStatistics, x: Matrix, groups: number) {
  const { output: projected, hidden, normalized, statistics: ofHidden } = forward(
    encoder,
    statistics.hidden,
    x,
    groups,
  );
  const { y, ...ofOutput } = batchNormTraining(
    column(projected),
    { ...plain(projected[0].length), ...statistics.output },
    groups,
  );
  return { output: flatten(y), projected, hidden, normalized, statistics: { hidden: ofHidden, output: ofOutput } };
}

/** g of the module's comment, or f without its last norm. */
export function forward({ first, scale, offset, second }: Mlp, statistics: Statistics, x: Matrix, groups: number) {
  const hidden = product(x, first);
  const { y, ...moved } = batchNormTraining(column(hidden), { scale, offset, ...statistics }, groups);
  const normalized = flatten(y);
  return { hidden, normalized, output: product(normalized, second), statistics: moved };
}

/** The gradients of what {@linkcode forward} was given, from the one of its output. */
function backward(
  { first, scale, offset, second }: Mlp,
  { hidden, normalized }: { readonly hidden: Matrix; readonly normalized: Matrix },
  x: Matrix,
  dOutput: Matrix,
  groups: number,
): { readonly parameters: Mlp; readonly x: number[][] } {
  const norm = batchNormGradient(
    column(hidden),
    column(product(dOutput, transpose(second))),
    { ...plain(scale.length), scale, offset },
    groups,
  );
  const dHidden = flatten(norm.x);
  return {
    parameters: {
      first: product(transpose(x), dHidden),
      scale: norm.scale,
      offset: norm.offset,
      second: product(transpose(normalized), dOutput),
    },
    x: product(dHidden, transpose(first)),
  };
}

/** A batch norm without scale and offset; its running statistics do not matter in training. */
function plain(width: number) {
  const fill = (value: number) => new Array<number>(width).fill(value);
  return { scale: fill(1), offset: fill(0), runningMean: fill(0), runningVariance: fill(1) };
}

/** Rows as samples of one position. */
function column(rows: Matrix): number[][][] {
  return rows.map((row) => [[...row]]);
}

function flatten(batch: readonly Matrix[]): number[][] {
  return batch.map(([row]) => [...row]);
}

function zerosLike(network: Mlp): Mlp {
  return combine((row) => row.map(() => 0), network);
}

/** A network in which every row of numbers comes from the same row of others. */
function combine(f: (...rows: Vector[]) => number[], ...[a, ...rest]: readonly Mlp[]): Mlp {
  const rows = (of: (network: Mlp) => Matrix) => of(a).map((row, i) => f(row, ...rest.map((other) => of(other)[i])));
  const list = (of: (network: Mlp) => Vector) => f(of(a), ...rest.map(of));
  return {
    first: rows((network) => network.first),
    scale: list((network) => network.scale),
    offset: list((network) => network.offset),
    second: rows((network) => network.second),
  };
}
