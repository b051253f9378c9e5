/**
 * One whole step of SimCLR in float64, over the encoder f of encoder.ts.
 *
 *     z = f([x_1; x_2])                            one encoder, one forward: batch norm sees both views together
 *     L = NT-Xent(z)
 *     theta <- SGD(dL/dtheta)
 *
 * Source: arXiv:2002.05709, algorithm 1; section 2.2 for batch norm.
 *
 * @module
 */
import { backward, descend, type Encoder, forward, type Statistics } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";
import { ntXent } from "./nt_xent.ts";
import type { SgdOptions } from "./sgd.ts";

/** All that a step changes. */
export type State = {
  readonly encoder: Encoder;
  readonly statistics: Statistics;
  readonly velocity: Encoder;
};

/** The constants of a training. */
export type Options = { readonly temperature: number; readonly groups: number; readonly sgd: SgdOptions };

/**
 * The next state, the loss in nats, and its gradient with respect to the encoder.
 *
 * @param views two views of the same N samples, [N][F] each.
 */
export function simclrStep(
  state: State,
  views: readonly [Matrix, Matrix],
  { temperature, groups, sgd }: Options,
): { readonly state: State; readonly loss: number; readonly gradient: Encoder } {
  const x = views.flat();
  const { features, statistics } = forward(state.encoder, state.statistics, x, groups);
  const contrast = ntXent(features, temperature);
  const gradient = backward(state.encoder, state.statistics, x, groups, contrast.gradient);
  const { encoder, velocity } = descend(state.encoder, state.velocity, gradient, sgd);
  return { state: { encoder, statistics, velocity }, loss: contrast.loss, gradient };
}
