import { type Tensor, tf } from "../engine/mod.ts";
import { batchMatMul } from "../engine/ops/mod.ts";
import { aboveZero, checkNumbers, share, wholeFromOne } from "../core/check_numbers.ts";
import { type Key, split, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { batchShape, checkRange } from "./check.ts";
import { fromPlanes, toPlanes } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch, Range } from "./types.ts";

/** Options of {@linkcode gaussianBlur}. */
export type BlurOptions = OfBatch & {
  /** The probability of blur. Default 0.5. */
  readonly probability?: number;
  /** The least and greatest standard deviation, pixels. Default [0.1, 2]. */
  readonly sigma?: Range;
  /**
   * Taps of the kernel along each axis, odd. Default: a tenth of the shorter side, so that blur
   * reaches equally far, relative to the image, in small images and in large ones.
   */
  readonly kernel?: number;
};

/**
 * The default kernel for images whose shorter side is `size` pixels: a tenth of the side, as in SimCLR
 * (arXiv:2002.05709, appendix A), made odd, and at least 3 where there is more than one pixel. At 224 pixels its 23 taps
 * cut off nothing of a sigma of 2. At 28 and 32 pixels it has 3.
 */
export function defaultBlurKernel(size: number): number {
  return 2 * Math.min(Math.max(1, Math.floor(size / 20)), size - 1) + 1;
}

/**
 * Blurs some images, each with its own width.
 *
 *     out[y, x] = sum_{s, t} g(s) g(t) in[y + s, x + t],    g(t) = exp(-t^2 / 2 sigma^2) / sum_t exp(-t^2 / 2 sigma^2)
 *     sigma ~ U(sigma),    |s|, |t| <= (kernel - 1) / 2
 *
 * Beyond the border the image is reflected, without repeating the border itself. Under bfloat16 the pixels are rounded
 * to 8 significant bits.
 *
 * Source: arXiv:2003.04297, section 3 ("stronger augmentation": the blur of SimCLR).
 * Reference: reference/augment/gaussian_blur.ts
 *
 * @param options The probability, the range of sigma (pixels) and the kernel (taps).
 * @throws {RangeError} if the probability is outside [0, 1], the range is not in order or not above 0, or the kernel is
 *   not odd; from the augmentation, if half of the kernel exceeds the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gaussianBlur, key, tf } from "@momentum-contrast/moco";
 *
 * const point = tf.tensor4d([0, 0, 1, 0, 0], [1, 1, 5, 1]);
 * const blur = gaussianBlur({ probability: 1, sigma: [0.1, 0.1], kernel: 1 });
 * assertEquals([...blur(key(0), point).dataSync()], [0, 0, 1, 0, 0]);
 * ```
 */
export function gaussianBlur(options: BlurOptions = {}): Augmentation {
  const { probability = 0.5, sigma = [0.1, 2], kernel, part } = options;
  checkNumbers("blur images", { probability: [probability, share], kernel: [kernel ?? 1, wholeFromOne] });
  checkRange("blur images", "sigma", sigma, aboveZero);
  if (kernel !== undefined && kernel % 2 === 0) {
    throw new RangeError(`Cannot blur images: expected an odd number of taps, found ${kernel}`);
  }
  return (key, images) =>
    scope(() => {
      const [own, height, width] = batchShape(images, "blur");
      const taps = kernel ?? defaultBlurKernel(Math.min(height, width));
      return applyBlur(drawn((count) => drawBlur(key, count, probability, sigma), own, part), images, taps);
    });
}

/** The sigma of each of `count` images, pixels, float32 [N]; 0 for an image that is not blurred. */
export function drawBlur(key: Key, count: number, probability: number, sigma: Range): Tensor {
  const [chosen, width] = split(key, 2);
  return tf.mul(
    uniform(width, [count], sigma[0], sigma[1]),
    tf.cast(tf.less(uniform(chosen, [count]), probability), "float32"),
  );
}

/**
 * Images blurred, with one matrix for the rows of each image and one for its columns.
 *
 *     out_n = B_n X_n B_n^T
 *
 * @param sigma Pixels, float32 [N]; 0 copies the image.
 * @param images float32 [N, H, W, C].
 * @param kernel Taps, odd.
 */
export function applyBlur(sigma: Tensor, images: Tensor, kernel: number): Tensor {
  const [count, height, width, channels] = images.shape;
  const radius = (kernel - 1) / 2;
  if (radius > Math.min(height, width) - 1) {
    throw new RangeError(
      `Cannot blur images: expected a kernel of at most ${2 * Math.min(height, width) - 1} taps, found ${kernel}`,
    );
  }
  const weights = kernelWeights(sigma, radius); // [N, 1 + radius]
  const matrices = (size: number) =>
    tf.reshape(tf.matMul(weights as tf.Tensor2D, placement(size, radius)), [count, size, size]);
  const rows = matrices(height);
  const columns = height === width ? rows : matrices(width);
  const planes = tf.reshape(toPlanes(images), [count, channels * height, width]);
  const blurred = tf.reshape(batchMatMul(planes, columns, true), [count, channels, height, width]);
  return fromPlanes(batchMatMul(tf.reshape(rows, [count, 1, height, height]), blurred));
}

/** The weight of the central tap and of those on either side of it, [N, 1 + radius]. */
function kernelWeights(sigma: Tensor, radius: number): Tensor {
  // At a thousandth of a pixel or less, every tap but the central one underflows to 0.
  const width = tf.reshape(tf.maximum(sigma, 1e-3), [-1, 1]);
  const distances = tf.tensor2d(Array.from({ length: 1 + radius }, (_, t) => t), [1, 1 + radius]);
  const heights = tf.exp(tf.mul(tf.square(tf.div(distances, width)), -0.5)); // [N, 1 + radius]
  const both = tf.tensor2d(Array.from({ length: 1 + radius }, (_, t) => t === 0 ? 1 : 2), [1, 1 + radius]);
  return tf.div(heights, tf.sum(tf.mul(heights, both), 1, true));
}

/** Where each tap goes: [t, (i, x)] counts how often pixel x, or a reflection of it, is t pixels away from pixel i. */
function placement(size: number, radius: number): tf.Tensor2D {
  const places = new Float32Array((1 + radius) * size * size);
  for (let i = 0; i < size; i++) {
    for (let t = -radius; t <= radius; t++) {
      const x = i + t < 0 ? -(i + t) : i + t >= size ? 2 * (size - 1) - (i + t) : i + t;
      places[(Math.abs(t) * size + i) * size + x]++;
    }
  }
  return tf.tensor2d(places, [1 + radius, size * size]);
}
