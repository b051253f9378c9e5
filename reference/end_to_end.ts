/**
 * One whole step of the end-to-end mechanism in float64, over the encoder f of encoder.ts.
 *
 *     q = f_q(x_q),    k = unshuffle(f_k(shuffle(x_k)))      batch norm in groups, each encoder with its own statistics
 *     L = InfoNCE(q, k), the keys of the batch as dictionary
 *     theta_q, theta_k <- SGD(dL/dtheta_q, dL/dtheta_k)      the gradient flows into both
 *
 * Source: arXiv:1911.05722, sections 3.2 and 3.3, figure 2a.
 *
 * @module
 */
import { batchInfoNce } from "./batch_info_nce.ts";
import { backward, descend, type Encoder, forward, type Statistics } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";
import type { SgdOptions } from "./sgd.ts";
import { shuffle, unshuffle } from "./shuffle_bn.ts";

/** All that a step changes. */
export type State = {
  readonly query: Encoder;
  readonly queryStatistics: Statistics;
  readonly queryVelocity: Encoder;
  readonly key: Encoder;
  readonly keyStatistics: Statistics;
  readonly keyVelocity: Encoder;
};

/** The constants of a training. */
export type Options = { readonly temperature: number; readonly groups: number; readonly sgd: SgdOptions };

/**
 * The next state, the loss in nats, and its gradient with respect to both encoders.
 *
 * @param views two views of the same N samples, [N][F] each.
 * @param permutation of the key batch.
 */
export function endToEndStep(
  state: State,
  views: { readonly query: Matrix; readonly key: Matrix },
  permutation: readonly number[],
  { temperature, groups, sgd }: Options,
): {
  readonly state: State;
  readonly loss: number;
  readonly gradient: { readonly query: Encoder; readonly key: Encoder };
} {
  const shuffled = shuffle(views.key, permutation);
  const queries = forward(state.query, state.queryStatistics, views.query, groups);
  const keys = forward(state.key, state.keyStatistics, shuffled, groups);
  const contrast = batchInfoNce(queries.features, unshuffle(keys.features, permutation), temperature);

  // The gradient of a key goes where its image went: to the place that the permutation gave it.
  const keySlopes = shuffle(contrast.keyGradient, permutation);
  const gradient = {
    query: backward(state.query, state.queryStatistics, views.query, groups, contrast.queryGradient),
    key: backward(state.key, state.keyStatistics, shuffled, groups, keySlopes),
  };
  const query = descend(state.query, state.queryVelocity, gradient.query, sgd);
  const key = descend(state.key, state.keyVelocity, gradient.key, sgd);
  return {
    state: {
      query: query.encoder,
      queryStatistics: queries.statistics,
      queryVelocity: query.velocity,
      key: key.encoder,
      keyStatistics: keys.statistics,
      keyVelocity: key.velocity,
    },
    loss: contrast.loss,
    gradient,
  };
}
