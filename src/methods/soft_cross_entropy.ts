import { checkNumbers, shareBelowOne, wholeFromOne } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";

/**
 * Labels as distributions over the classes that keep a share for all of them: label smoothing.
 *
 *     y_n = (1 - epsilon) onehot(label_n) + epsilon / C
 *
 * Source: arXiv:1512.00567, section 7. Reference: reference/soft_cross_entropy.ts
 *
 * @param labels The class of each image, int32 [N].
 * @param classes The number of classes, C.
 * @param epsilon The share that is spread over all classes, in [0, 1). Default 0.
 * @returns float32 [N, C].
 * @throws {RangeError} if the classes are not a whole number of at least 1, or the share is not in [0, 1).
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { smoothedTargets, tf } from "@momentum-contrast/moco";
 *
 * const [other, own] = smoothedTargets(tf.tensor1d([1], "int32"), 2, 0.1).dataSync();
 * assertAlmostEquals(other, 0.05, 1e-7);
 * assertAlmostEquals(own, 0.95, 1e-7);
 * ```
 */
export function smoothedTargets(labels: Tensor, classes: number, epsilon = 0): Tensor {
  checkNumbers("smooth labels", { classes: [classes, wholeFromOne], epsilon: [epsilon, shareBelowOne] });
  return tf.oneHot(labels, classes, 1 - epsilon + epsilon / classes, epsilon / classes, "float32");
}

/**
 * The mean cross-entropy of each row's softmax against a distribution over the classes:
 *
 *     L = -1/N sum_n sum_c y_nc log softmax(z_n)_c
 *
 * Reference: reference/soft_cross_entropy.ts
 *
 * @param logits z, float32 [N, C].
 * @param targets y, float32 [N, C]; the sum of each row is 1. Make them outside of what is
 *   differentiated.
 * @returns float32 scalar, nats. Differentiable with respect to the logits.
 * @throws {TypeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { smoothedTargets, softCrossEntropy, tf } from "@momentum-contrast/moco";
 *
 * const targets = smoothedTargets(tf.tensor1d([1], "int32"), 4, 0.1);
 * assertAlmostEquals(softCrossEntropy(tf.zeros([1, 4]), targets).dataSync()[0], Math.log(4), 1e-6);
 * ```
 */
export function softCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (logits.rank !== 2 || `${logits.shape}` !== `${targets.shape}`) {
    throw new TypeError(
      `Cannot take cross-entropy: expected logits and targets of one shape [N, C], found [${logits.shape}] and ` +
        `[${targets.shape}]`,
    );
  }
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits, 1)), 1)));
}
