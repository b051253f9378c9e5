import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, share } from "../core/check_numbers.ts";
import { type Key, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { batchShape } from "./check.ts";
import { perImage } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch } from "./types.ts";

/** Options of {@linkcode randomSolarize}. */
export type SolarizeOptions = OfBatch & {
  /** The probability of solarization. Default 0.2. */
  readonly probability?: number;
  /** Pixels of at least this value are inverted, in [0, 1]. Default 0.5. */
  readonly threshold?: number;
};

/**
 * Inverts the bright values of some images.
 *
 *     out = 1 - in    where in >= threshold,    in elsewhere
 *
 * Source: arXiv:2104.02057, which takes it from BYOL (arXiv:2006.07733, appendix B).
 * Reference: reference/augment/solarize.ts
 *
 * @param options The probability and the threshold.
 * @throws {RangeError} if the probability or the threshold is outside [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, randomSolarize, tf } from "@momentum-contrast/moco";
 *
 * const image = tf.tensor4d([0.25, 0.5, 0.75, 1], [1, 1, 4, 1]);
 * assertEquals([...randomSolarize({ probability: 1 })(key(0), image).dataSync()], [0.25, 0.5, 0.25, 0]);
 * ```
 */
export function randomSolarize({ probability = 0.2, threshold = 0.5, part }: SolarizeOptions = {}): Augmentation {
  checkNumbers("solarize images", { probability: [probability, share], threshold: [threshold, share] });
  return (key, images) =>
    scope(() => {
      const draw = (count: number) => drawSolarize(key, count, probability, threshold);
      return applySolarize(drawn(draw, batchShape(images, "solarize")[0], part), images);
    });
}

/** The threshold of each image, float32 [N]; 2, which no pixel reaches, for an image that is not solarized. */
export function drawSolarize(key: Key, count: number, probability: number, threshold: number): Tensor {
  return tf.where(tf.less(uniform(key, [count]), probability), tf.fill([count], threshold), tf.fill([count], 2));
}

/**
 * Inverts the values that reach their image's threshold.
 *
 * @param thresholds float32 [N].
 * @param images float32 [N, H, W, C].
 */
export function applySolarize(thresholds: Tensor, images: Tensor): Tensor {
  return tf.where(tf.greaterEqual(images, perImage(thresholds, 4)), tf.sub(1, images), images);
}
