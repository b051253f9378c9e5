import { type Tensor, tf } from "../engine/mod.ts";
import { gatherRows } from "../engine/ops/mod.ts";
import { checkNumbers, fromZero } from "../core/check_numbers.ts";
import { beta, type Key, permutation, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";

/** Images, and what each is to be recognised as. */
export type Targeted = {
  /** float32 [N, height, width, channels]. */
  readonly images: Tensor;
  /** A distribution over the classes for each image, float32 [N, C]. */
  readonly targets: Tensor;
};

/** How a batch is blended. */
export type MixupDraw = {
  /** The share that an image keeps of itself, float32 scalar in [0, 1]. */
  readonly lambda: Tensor;
  /** The image that each is blended with, int32 [N]. */
  readonly partner: Tensor;
};

/**
 * Blends each image of a batch, and its target, with those of another image of the batch:
 *
 *     x_n <- lambda x_n + (1 - lambda) x_{pi(n)},    y_n <- lambda y_n + (1 - lambda) y_{pi(n)}
 *
 * lambda is drawn from Beta(alpha, alpha), once for the batch, and pi is a random permutation.
 *
 * Source: arXiv:1710.09412, section 2 and figure 1. Reference: reference/mixup.ts
 *
 * @param alpha The parameter of the Beta distribution; 0 blends nothing, and 1 draws lambda uniformly.
 * @returns A function from a key, images and targets to blended ones. Pure: the key decides the draw.
 * @throws {RangeError} if alpha is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, mixup, tf } from "@momentum-contrast/moco";
 *
 * const batch = { images: tf.ones([2, 1, 1, 1]), targets: tf.tensor2d([[1, 0], [0, 1]]) };
 * const { targets } = mixup(0.8)(key(0), batch);
 * assertAlmostEquals(targets.sum().dataSync()[0], 2, 1e-6);
 * ```
 */
export function mixup(alpha: number): (key: Key, batch: Targeted) => Targeted {
  checkNumbers("mix images", { alpha: [alpha, fromZero] });
  return (key, batch) =>
    scope(() =>
      alpha === 0
        ? { images: tf.clone(batch.images), targets: tf.clone(batch.targets) }
        : applyMixup(drawMixup(key, batch.images.shape[0], alpha), batch)
    );
}

/** A draw for `count` images. */
export function drawMixup(key: Key, count: number, alpha: number): MixupDraw {
  const [lambdaKey, partnerKey] = split(key);
  return { lambda: beta(lambdaKey, [], alpha), partner: permutation(partnerKey, count) };
}

/** Images and targets blended as a draw says. */
export function applyMixup({ lambda, partner }: MixupDraw, { images, targets }: Targeted): Targeted {
  const blended = (x: Tensor): Tensor => tf.add(tf.mul(lambda, x), tf.mul(tf.sub(1, lambda), gatherRows(x, partner)));
  return { images: blended(images), targets: blended(targets) };
}
