import { type Tensor, tf } from "../engine/mod.ts";
import { batchMatMul } from "../engine/ops/mod.ts";
import { aboveZero, checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Key, split, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { centralBox } from "./central_box.ts";
import { batchShape, checkRange } from "./check.ts";
import { fromPlanes } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch, Range } from "./types.ts";

/** Options of {@linkcode randomResizedCrop}. */
export type CropOptions = OfBatch & {
  /** The height and width of the result, pixels; one number is a square. */
  readonly size: number | readonly [height: number, width: number];
  /** The least and greatest share of the image's area that a crop takes. Default [0.2, 1]. */
  readonly scale?: Range;
  /** The least and greatest ratio of a crop's width to its height. Default [3/4, 4/3]. */
  readonly ratio?: Range;
};

/** A box for each image, float32 [N] each, whole pixels, inside the image. */
export type CropDraw = {
  /** Rows above the box. */
  readonly top: Tensor;
  /** Columns left of the box. */
  readonly left: Tensor;
  /** Rows of the box. */
  readonly height: Tensor;
  /** Columns of the box. */
  readonly width: Tensor;
};

const tries = 10;

/**
 * A random part of every image, resized.
 *
 *     area ~ U(scale) H W,    ln ratio ~ U(ln ratio),    w = round(sqrt(area ratio)),    h = round(sqrt(area / ratio))
 *
 * The first of ten such boxes that fits is put at a uniformly random place. If none fits, the box is the largest
 * central one with an allowed ratio. That is torchvision's distribution, draw for draw. Resizing is bilinear with
 * half-pixel centres, sees nothing outside the box, and widens its triangle when it shrinks, as Pillow's does. Under
 * bfloat16 the pixels are rounded to 8 significant bits.
 *
 * Source: arXiv:1911.05722, section 3.3 ("a 224x224-pixel crop is taken from a randomly resized image").
 * Reference: reference/augment/resized_crop.ts
 *
 * @param options The size of the result in pixels, the scale (shares of the area) and the ratio (width / height).
 * @returns The augmentation: float32 [N, H, W, C] to [N, size, size, C].
 * @throws {RangeError} if a size is not a whole number above 0, a range is not in order, or the scale exceeds 1.
 * @throws {TypeError} from the augmentation, if the images are not [N, H, W, C].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, randomResizedCrop, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.fill([2, 6, 8, 3], 0.5);
 * const crops = randomResizedCrop({ size: 4 })(key(0), images);
 * assertEquals(crops.shape, [2, 4, 4, 3]);
 * assertEquals([...crops.dataSync()].every((x) => Math.abs(x - 0.5) < 1e-6), true);
 * ```
 */
export function randomResizedCrop(options: CropOptions): Augmentation {
  const { size, scale = [0.2, 1], ratio = [3 / 4, 4 / 3], part } = options;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  checkNumbers("crop images", { height: [height, wholeFromOne], width: [width, wholeFromOne] });
  checkRange("crop images", "scale", scale, { ...aboveZero, max: 1 });
  checkRange("crop images", "ratio", ratio, aboveZero);
  return (key, images) =>
    scope(() => {
      const [own, fromHeight, fromWidth] = batchShape(images, "crop");
      const draw = (count: number) => drawCrop(key, [count, fromHeight, fromWidth], scale, ratio);
      return applyCrop(drawn(draw, own, part), images, height, width);
    });
}

/**
 * The boxes of {@linkcode randomResizedCrop}.
 *
 * @param key int32 [2].
 * @param shape The number of images, their height and their width, pixels.
 * @param scale Shares of the area.
 * @param ratio Width / height.
 */
export function drawCrop(
  key: Key,
  [count, height, width]: readonly [number, number, number],
  scale: Range,
  ratio: Range,
): CropDraw {
  const [areaKey, ratioKey, topKey, leftKey] = split(key, 4);
  const area = uniform(areaKey, [count, tries], scale[0] * height * width, scale[1] * height * width); // [N, 10]
  const logRatio = uniform(ratioKey, [count, tries], Math.log(ratio[0]), Math.log(ratio[1])); // [N, 10]
  const root = tf.exp(tf.mul(logRatio, 0.5));
  const side = tf.sqrt(area);
  const widths = tf.round(tf.mul(side, root)); // half to even, as Python's round
  const heights = tf.round(tf.div(side, root));
  const fits = tf.cast(
    tf.logicalAnd(
      tf.logicalAnd(tf.greater(widths, 0), tf.lessEqual(widths, width)),
      tf.logicalAnd(tf.greater(heights, 0), tf.lessEqual(heights, height)),
    ),
    "float32",
  );
  const earlier = tf.cumsum(fits, 1, true); // [N, 10], how many before this one fit
  const first = tf.mul(fits, tf.cast(tf.equal(earlier, 0), "float32"));
  const none = tf.sub(1, tf.sum(first, 1)); // [N]
  const central = centralBox(height, width, ratio);
  const pick = (values: Tensor, fallback: number) => tf.add(tf.sum(tf.mul(first, values), 1), tf.mul(none, fallback));
  const boxHeight = pick(heights, central.height);
  const boxWidth = pick(widths, central.width);
  const place = (placeKey: Key, room: Tensor) => {
    const anywhere = tf.minimum(tf.floor(tf.mul(uniform(placeKey, [count]), tf.add(room, 1))), room);
    return tf.where(tf.greater(none, 0), tf.floor(tf.mul(room, 0.5)), anywhere);
  };
  return {
    top: place(topKey, tf.sub(height, boxHeight)),
    left: place(leftKey, tf.sub(width, boxWidth)),
    height: boxHeight,
    width: boxWidth,
  };
}

/**
 * Each image's box, resized.
 *
 *     out_n = R_n X_n C_n^T
 *
 * R_n and C_n resample rows and columns; a matrix product over the batch is faster than a gather, for any size.
 *
 * @param draw The boxes; they need not be whole pixels.
 * @param images float32 [N, H, W, C].
 * @param height Rows of the result.
 * @param width Columns of the result.
 * @returns float32 [N, height, width, C].
 */
export function applyCrop(draw: CropDraw, images: Tensor, height: number, width: number): Tensor {
  const [count, fromHeight, fromWidth, channels] = images.shape;
  const rows = resampling(draw.top, draw.height, fromHeight, height); // [N, height, H]
  const columns = resampling(draw.left, draw.width, fromWidth, width); // [N, width, W]
  const resizedRows = tf.reshape(
    batchMatMul(rows, tf.reshape(images, [count, fromHeight, fromWidth * channels])),
    [count, height, fromWidth, channels],
  );
  // Planes, except for the number of columns.
  const planes = channels === 1 ? resizedRows : tf.transpose(resizedRows, [0, 3, 1, 2]); // [N, C, height, W]
  const resized = batchMatMul(tf.reshape(planes, [count, channels * height, fromWidth]), columns, true);
  return fromPlanes(tf.reshape(resized, [count, channels, height, width]));
}

/**
 * The matrices that resize a part of an axis.
 *
 *     R[n, i, x] = t(n, i, x) / sum_x t(n, i, x)                            for x in the part, 0 elsewhere
 *     t(n, i, x) = max(0, 1 - |start_n + (i + 1/2) f_n - (x + 1/2)| / max(f_n, 1)),      f_n = length_n / to
 *
 * @param start The first pixel of the part, float32 [N].
 * @param length Its pixels, float32 [N].
 * @param from Pixels of the axis.
 * @param to Pixels of the result.
 * @returns float32 [N, to, from]; every row sums to 1.
 */
function resampling(start: Tensor, length: Tensor, from: number, to: number): Tensor {
  const each = (values: Tensor) => tf.reshape(values, [-1, 1, 1]);
  const factor = tf.div(each(length), to); // [N, 1, 1]
  const centres = tf.mul(tf.tensor3d(Array.from({ length: to }, (_, i) => i + 0.5), [1, to, 1]), factor); // [N, to, 1]
  // Relative to the box, so that a rounding error does not grow with its place.
  const pixels = tf.sub(tf.tensor3d(Array.from({ length: from }, (_, x) => x + 0.5), [1, 1, from]), each(start));
  const isInside = tf.logicalAnd(tf.greater(pixels, 0), tf.less(pixels, each(length))); // [N, 1, from]
  const distance = tf.div(tf.abs(tf.sub(centres, pixels)), tf.maximum(factor, 1)); // [N, to, from]
  const triangle = tf.mul(tf.relu(tf.sub(1, distance)), tf.cast(isInside, "float32")); // [N, to, from]
  return tf.div(triangle, tf.sum(triangle, 2, true));
}
