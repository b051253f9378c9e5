/**
 * One whole step of learning from labels in float64, over the encoder of encoder.ts: its last layer is the classifier,
 * and its outputs, before they are scaled to unit length, are the logits.
 *
 *     y = smoothed labels,    z = f(x)
 *     L = cross-entropy of softmax(z) against y
 *     theta <- SGD(dL/dtheta)
 *
 * Source: arXiv:2002.05709, appendix B.5; label smoothing: arXiv:1512.00567, section 7.
 *
 * @module
 */
import { backwardFromOutput, descend, type Encoder, forward, type Statistics } from "./encoder.ts";
import type { Matrix, Vector } from "./matrix.ts";
import type { SgdOptions } from "./sgd.ts";
import { smoothedTargets, softCrossEntropy } from "./soft_cross_entropy.ts";

/** All that a step changes. */
export type State = {
  readonly encoder: Encoder;
  readonly statistics: Statistics;
  readonly velocity: Encoder;
};

/** The constants of a training. */
export type Options = {
  /** The share of a target that is spread over all classes. */
  readonly epsilon: number;
  readonly sgd: SgdOptions;
};

/**
 * The next state, the loss in nats, and the share of samples whose greatest logit is their label's.
 *
 * @param x samples [N][F].
 * @param labels the class of each, [N].
 */
export function supervisedStep(
  state: State,
  x: Matrix,
  labels: Vector,
  { epsilon, sgd }: Options,
): { readonly state: State; readonly loss: number; readonly top1: number } {
  const { output: logits, statistics } = forward(state.encoder, state.statistics, x, 1);
  const { loss, gradient: dLogits } = softCrossEntropy(logits, smoothedTargets(labels, logits[0].length, epsilon));
  const gradient = backwardFromOutput(state.encoder, state.statistics, x, 1, dLogits);
  const { encoder, velocity } = descend(state.encoder, state.velocity, gradient, sgd);
  const hits = logits.filter((row, n) => row.indexOf(Math.max(...row)) === labels[n]);
  return { state: { encoder, statistics, velocity }, loss, top1: hits.length / x.length };
}
