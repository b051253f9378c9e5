/**
 * One whole step of MoCo v1/v2 in float64, over the encoder f of encoder.ts.
 *
 *     theta_k <- m theta_k + (1 - m) theta_q                 before the keys
 *     k = unshuffle(f_k(shuffle(x_k))),    q = f_q(x_q)      batch norm in groups, each encoder with its own statistics
 *     L = InfoNCE(q, k, queue)  [ + InfoNCE(q', k', queue), the views exchanged, the queue as it was ]
 *     theta_q <- SGD(theta_q, dL/dtheta_q)                   no gradient reaches the keys
 *     queue <- enqueue(queue, k)  [ , then k' ]
 *
 * Source: arXiv:1911.05722, algorithm 1; the symmetric loss: the authors' CIFAR-10 demonstration.
 *
 * @module
 */
import { ema } from "./ema.ts";
import { backward, combine, descend, type Encoder, forward, type Statistics } from "./encoder.ts";
import { infoNce } from "./info_nce.ts";
import { add, type Matrix } from "./matrix.ts";
import { enqueue, type Queue } from "./queue.ts";
import type { SgdOptions } from "./sgd.ts";
import { shuffle, unshuffle } from "./shuffle_bn.ts";

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
    gradient = combine(gradient, slope, add);
    queue = enqueue(queue, k);
    queryStatistics = query.statistics;
    keyStatistics = keys.statistics;
  }

  const { encoder: query, velocity } = descend(state.query, state.velocity, gradient, options.sgd);
  return { state: { query, queryStatistics, key, keyStatistics, velocity, queue }, loss, gradient };
}
