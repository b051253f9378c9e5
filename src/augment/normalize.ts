import { type Tensor, tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers, finite } from "../core/check_numbers.ts";
import { scope } from "../core/scope.ts";
import { batchShape } from "./check.ts";
import { greyWeights } from "./grey.ts";

/** Options of {@linkcode normalize}. */
export type NormalizeOptions = {
  /** The mean of each channel, in [0, 1]. Default: ImageNet's for 3 channels, and that of its grey for 1. */
  readonly mean?: readonly number[];
  /** The standard deviation of each channel. Default: ImageNet's for 3 channels, and that of its grey for 1. */
  readonly std?: readonly number[];
};

const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * Shifts and scales channels.
 *
 *     out_c = (in_c - mean_c) / std_c
 *
 * Reference: reference/augment/normalize.ts
 *
 * @param options Means and standard deviations.
 * @returns A function from images float32 [N, H, W, C] in [0, 1] to float32 [N, H, W, C].
 * @throws {RangeError} if a mean is not finite, or a standard deviation not above 0.
 * @throws {TypeError} from the function, if there is not one mean and one standard deviation for each channel, or if
 *   no numbers are given and there are neither 1 nor 3 channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalize, tf } from "@momentum-contrast/moco";
 *
 * const image = tf.tensor4d([0, 0.5, 1], [1, 1, 3, 1]);
 * assertEquals([...normalize({ mean: [0.5], std: [0.25] })(image).dataSync()], [-2, 0, 2]);
 * ```
 */
export function normalize(options: NormalizeOptions = {}): (images: Tensor) => Tensor {
  for (const mean of options.mean ?? []) checkNumbers("normalise images", { "a mean": [mean, finite] });
  for (const std of options.std ?? []) checkNumbers("normalise images", { "a std": [std, aboveZero] });
  return (images) =>
    scope(() => {
      const [count, height, width, channels] = batchShape(images, "normalise");
      const mean = perChannel("mean", channels, options.mean);
      const std = perChannel("std", channels, options.std);
      // A whole row at once: broadcasting over three channels is ten times slower.
      const row = (f: (channel: number) => number) =>
        tf.tensor1d(Array.from({ length: width * channels }, (_, index) => f(index % channels)));
      const scaled = tf.mul(tf.reshape(images, [count, height, width * channels]), row((c) => 1 / std[c]));
      return tf.reshape(tf.sub(scaled, row((c) => mean[c] / std[c])), [count, height, width, channels]);
    });
}

/**
 * The mean or the standard deviation of each channel: the given ones, or ImageNet's.
 *
 * @throws {TypeError} if there is not one number for each channel.
 */
export function perChannel(
  what: "mean" | "std",
  channels: number,
  given: readonly number[] | undefined,
): readonly number[] {
  const values = given ??
    (channels === 3
      ? imageNet[what]
      : channels === 1
      ? [greyWeights.reduce((sum, weight, channel) => sum + weight * imageNet[what][channel], 0)]
      : []);
  if (values.length !== channels) {
    throw new TypeError(
      `Cannot normalise images: expected a ${what} for each of ${channels} channels, found ${values.length}`,
    );
  }
  return values;
}
