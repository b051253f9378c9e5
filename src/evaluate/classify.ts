import { type Tensor, tf } from "../engine/mod.ts";
import { dispose, scope } from "../core/scope.ts";
import type { LabelledImages } from "./evaluate.ts";
import { type FeatureOptions, labelledFeatures } from "./features.ts";
import { type Classes, score, type Scores } from "./scores.ts";

/**
 * Scores a classifier on labelled images, without augmentation.
 *
 * @param classify From images uint8 [N, height, width, channels] to logits float32 [N, C]; it normalises too.
 * @param test The images and their labels.
 * @param options The names of the classes, and how the logits are computed.
 * @returns Shares in [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoreClassifier, tf, toFloat } from "@momentum-contrast/moco";
 *
 * const test = { images: Uint8Array.of(0, 9), labels: [0, 1], count: 2, height: 1, width: 1, channels: 1 };
 * const darkOrBright = (images: tf.Tensor) => {
 *   const bright = tf.reshape(toFloat(images), [-1, 1]);
 *   return tf.concat([tf.sub(5, bright), bright], 1);
 * };
 * assertEquals((await scoreClassifier(darkOrBright, test)).top1, 1);
 * ```
 */
export async function scoreClassifier(
  classify: (images: Tensor) => Tensor,
  test: LabelledImages,
  options: FeatureOptions & { readonly classes?: Classes } = {},
): Promise<Scores> {
  const { features: logits, labels } = await labelledFeatures(classify, test, options); // [N, C]
  try {
    const [, count] = logits.shape as [number, number];
    const width = Math.min(5, count);
    const ranking = scope(() => tf.topk(logits, width, true).indices.dataSync<"int32">()); // [N * width]
    return score(ranking, labels, options.classes ?? count);
  } finally {
    dispose(logits);
  }
}
