import { type Tensor, tf } from "../engine/mod.ts";
import type { Params } from "../nn/types.ts";
import { globalNorm } from "../optim/global_norm.ts";
import { contrastAccuracy } from "./info_nce.ts";
import type { Queue } from "./queue.ts";
import type { Metrics } from "./types.ts";

/** What a step knows when it is measured. */
export type Measured = {
  readonly loss: Tensor;
  /** Unit features of the queries, float32 [N, D]. */
  readonly features: Tensor;
  /** float32 [N, 1+K]. */
  readonly logits: Tensor;
  readonly gradients: Params;
  readonly params: Params;
  /** The queue that the logits were computed with. */
  readonly queue: Queue;
  /** How many InfoNCE terms the loss adds up: 1, or 2 for the symmetric loss. */
  readonly terms: number;
};

/**
 * What to watch while training, float32 scalars:
 *
 * - `loss`: nats. It rises at first, while real keys replace the random ones the queue began with.
 * - `chance`: the loss of guessing, terms x log(K+1), nats.
 * - `accuracy`, `accuracyTop5`: the share of queries that find their key among 1+K. Near 1 while kNN accuracy falls
 *   means leakage through batch norm or too weak augmentation.
 * - `realKeys`: the share of the queue that holds keys of images.
 * - `gradientNorm`, `parameterNorm`: Euclidean norms over all parameters.
 * - `featureStd`: the standard deviation of the features over the batch, times sqrt(D): about 1 when they fill the
 *   sphere, 0 when they have collapsed.
 */
export function measure(measured: Measured): Metrics {
  const { features, logits, queue } = measured;
  const [size] = queue.keys.shape;
  const { variance } = tf.moments(features, 0); // [D]
  return {
    loss: measured.loss,
    chance: tf.scalar(measured.terms * Math.log(1 + size)),
    accuracy: contrastAccuracy(logits, 1),
    accuracyTop5: contrastAccuracy(logits, 5),
    realKeys: tf.mul(tf.cast(queue.filled, "float32"), 1 / size),
    gradientNorm: globalNorm(measured.gradients),
    parameterNorm: globalNorm(measured.params),
    featureStd: tf.mul(tf.mean(tf.sqrt(variance)), Math.sqrt(features.shape[1]!)),
  };
}
