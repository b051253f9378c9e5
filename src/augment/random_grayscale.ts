import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, share } from "../core/check_numbers.ts";
import { type Key, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { colorBatchShape } from "./check.ts";
import { greyOf } from "./grey.ts";
import { fromPlanes, perImage, toPlanes } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch } from "./types.ts";

/** Options of {@linkcode randomGrayscale}. */
export type GrayscaleOptions = OfBatch & {
  /** The probability of turning grey. Default 0.2. */
  readonly probability?: number;
};

/**
 * Turns some images grey; they keep their three channels. Images with one channel stay as they are.
 *
 *     grey = 0.299 red + 0.587 green + 0.114 blue
 *
 * Reference: reference/augment/grayscale.ts
 *
 * @param options The probability.
 * @throws {RangeError} if the probability is outside [0, 1].
 * @throws {TypeError} from the augmentation, if the images have neither 1 nor 3 channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, randomGrayscale, tf } from "@momentum-contrast/moco";
 *
 * const image = tf.tensor4d([1, 0, 0], [1, 1, 1, 3]);
 * const grey = randomGrayscale({ probability: 1 })(key(0), image);
 * assertEquals([...grey.dataSync()].map((x) => x.toFixed(3)), ["0.299", "0.299", "0.299"]);
 * ```
 */
export function randomGrayscale({ probability = 0.2, part }: GrayscaleOptions = {}): Augmentation {
  checkNumbers("turn images to grey", { probability: [probability, share] });
  return (key, images) =>
    scope(() => {
      const draw = (count: number) => drawGrayscale(key, count, probability);
      return applyGrayscale(drawn(draw, colorBatchShape(images, "turn to grey")[0], part), images);
    });
}

/** Which of `count` images turn grey: 1 or 0, float32 [N]. */
export function drawGrayscale(key: Key, count: number, probability: number): Tensor {
  return tf.cast(tf.less(uniform(key, [count]), probability), "float32");
}

/**
 * Images blended with their grey.
 *
 *     out = (1 - a_n) in + a_n grey(in)
 *
 * @param amount a, 1 or 0, float32 [N].
 * @param images float32 [N, H, W, C].
 */
export function applyGrayscale(amount: Tensor, images: Tensor): Tensor {
  if (images.shape[3] === 1) return tf.clone(images);
  const colors = tf.unstack(toPlanes(images), 1) as [Tensor, Tensor, Tensor]; // [N, H, W] each
  const grey = tf.mul(greyOf(...colors), perImage(amount, 3));
  const rest = perImage(tf.sub(1, amount), 3);
  return fromPlanes(tf.stack(colors.map((color) => tf.add(tf.mul(color, rest), grey)), 1));
}
