import { type Tensor, tf } from "../engine/mod.ts";
import type { Params } from "../nn/types.ts";
import { globalNorm } from "../optim/global_norm.ts";
import { layerNorms } from "../optim/layer_norms.ts";
import { type Contrast, contrastAccuracy } from "./contrast.ts";
import type { Metrics } from "./types.ts";

/** What a step's metrics are computed from. */
export type Measured = {
  /** The loss of the step, float32 scalar, nats. */
  readonly loss: Tensor;
  /** The loss of random guessing, nats. */
  readonly chance: number;
  /** Unit features of the queries, float32 [N, D]. */
  readonly features: Tensor;
  /** The queries' contrast; for a loss in two directions, the first direction's. */
  readonly contrast: Contrast;
  /** The derivative of the loss with respect to each parameter. */
  readonly gradients: Params;
  /** What is trained. */
  readonly params: Params;
};

/**
 * What to watch while training, float32 scalars:
 *
 * - `loss`: nats. Over a queue it rises at first, while real keys replace the random ones the queue began with.
 * - `chance`: the loss of random guessing, nats: log(K+1) for each term over a queue; within a batch log N for
 *   end-to-end, log(2N-1) for SimCLR, and 2T log N for each of MoCo v3's terms.
 * - `accuracy`, `accuracyTop5`: the share of queries that find their key among all candidates. Near 1 while kNN
 *   accuracy falls means leakage through batch norm or too weak augmentation.
 * - `gradientNorm`, `parameterNorm`: Euclidean norms over all parameters.
 * - `featureStd`: the standard deviation of the features over the batch, times sqrt(D): about 1 when they fill the
 *   sphere, 0 when they have collapsed.
 *
 * A method adds its own: `realKeys`, the share of the queue that holds keys of images, or {@linkcode measureLayers}.
 */
export function measure({ loss, chance, features, contrast, gradients, params }: Measured): Metrics {
  const positives = tf.reshape(contrast.positives, [-1, 1]); // [N, 1]
  const { variance } = tf.moments(features, 0); // [D]
  return {
    loss,
    chance: tf.scalar(chance),
    accuracy: contrastAccuracy(contrast.logits, 1, positives),
    accuracyTop5: contrastAccuracy(contrast.logits, 5, positives),
    gradientNorm: globalNorm(gradients),
    parameterNorm: globalNorm(params),
    featureStd: tf.mul(tf.mean(tf.sqrt(variance)), Math.sqrt(features.shape[1]!)),
  };
}

/**
 * The gradient norm of each layer, as `gradientNorm.<path of the layer>`. When the training of a ViT becomes unstable,
 * a spike begins in the first layer, while the loss hardly shows it.
 *
 * Source: arXiv:2104.02057, section 4.1 and figure 4.
 *
 * @param gradients The gradients.
 * @param monitored The layers to measure, each with all below it. Default: every layer.
 */
export function measureLayers(gradients: Params, monitored?: readonly string[]): Metrics {
  const chosen = (layer: string) => monitored?.some((path) => layer === path || layer.startsWith(`${path}.`)) ?? true;
  return Object.fromEntries(
    Object.entries(layerNorms(gradients, chosen)).map(([layer, norm]) => [`gradientNorm.${layer}`, norm]),
  );
}
