import { type Tensor, tf } from "../engine/mod.ts";
import { selectRows } from "../engine/ops/mod.ts";
import { checkNumbers, fromZero, share } from "../core/check_numbers.ts";
import { type Key, split, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { colorBatchShape } from "./check.ts";
import { greyOf } from "./grey.ts";
import { type Colors, turnHue } from "./hue.ts";
import { fromPlanes, perImage, toPlanes } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch } from "./types.ts";

/** Options of {@linkcode colorJitter}. */
export type JitterOptions = {
  /** The probability of jitter. Default 0.8. */
  readonly probability?: number;
  /** b: brightness is scaled by [max(0, 1 - b), 1 + b]. Default 0.4. */
  readonly brightness?: number;
  /** c: contrast is scaled by [max(0, 1 - c), 1 + c]. Default 0.4. */
  readonly contrast?: number;
  /** s: saturation is scaled by [max(0, 1 - s), 1 + s]. Default 0.4. */
  readonly saturation?: number;
  /** h: hue is turned by [-h, h] turns, at most 0.5. Default 0.1. */
  readonly hue?: number;
};

/** The adjustments of each image. An unchanged image has factors of 1 and a turn of 0. */
export type JitterDraw = {
  /** The factor of brightness, float32 [N]. */
  readonly brightness: Tensor;
  /** The factor of contrast, float32 [N]. */
  readonly contrast: Tensor;
  /** The factor of saturation, float32 [N]. */
  readonly saturation: Tensor;
  /** Turns, float32 [N]. */
  readonly hue: Tensor;
  /**
   * When brightness, contrast, saturation and hue are adjusted, float32 [N, 4]: in ascending order of these times.
   * Equal times keep this order.
   */
  readonly times: Tensor;
};

/**
 * Changes brightness, contrast, saturation and hue of some images, in a random order for each image.
 *
 *     brightness: f x         contrast: f x + (1 - f) mean(grey(x))         saturation: f x + (1 - f) grey(x)
 *     hue: the hue of HSV turned by h            f ~ U(max(0, 1 - strength), 1 + strength),    h ~ U(-hue, hue)
 *
 * Each result is clipped to [0, 1]; grey = 0.299 red + 0.587 green + 0.114 blue, and its mean is over the image. Images
 * with one channel get only brightness and contrast.
 *
 * Source: arXiv:1911.05722, section 3.3; arXiv:2003.04297, section 3; the adjustments are torchvision's.
 * Reference: reference/augment/color_jitter.ts
 *
 * @param options The probability and the strengths.
 * @throws {RangeError} if the probability is outside [0, 1], a strength is below 0 or that of hue above 0.5.
 * @throws {TypeError} from the augmentation, if the images have neither 1 nor 3 channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { colorJitter, key, tf } from "@momentum-contrast/moco";
 *
 * const image = tf.tensor4d([0.25, 0.5, 0.75], [1, 1, 1, 3]);
 * const none = colorJitter({ brightness: 0, contrast: 0, saturation: 0, hue: 0 });
 * assertEquals([...none(key(0), image).dataSync()], [0.25, 0.5, 0.75]);
 * ```
 */
export function colorJitter({ part, ...options }: JitterOptions & OfBatch = {}): Augmentation {
  const { probability = 0.8, brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0.1 } = options;
  checkNumbers("jitter images", {
    probability: [probability, share],
    brightness: [brightness, fromZero],
    contrast: [contrast, fromZero],
    saturation: [saturation, fromZero],
    hue: [hue, { ...fromZero, max: 0.5 }],
  });
  const strengths = { probability, brightness, contrast, saturation, hue };
  return (key, images) =>
    scope(() => {
      const draw = (count: number) => drawJitter(key, count, strengths);
      return applyJitter(drawn(draw, colorBatchShape(images, "jitter")[0], part), images);
    });
}

/** The factors, turns and orders of `count` images. */
export function drawJitter(key: Key, count: number, strengths: Required<JitterOptions>): JitterDraw {
  const keys = split(key, 6);
  const chosen = tf.less(uniform(keys[0], [count]), strengths.probability);
  const factor = (factorKey: Key, strength: number) => {
    const drawn = uniform(factorKey, [count], Math.max(0, 1 - strength), 1 + strength);
    return tf.where(chosen, drawn, tf.onesLike(drawn));
  };
  const turn = uniform(keys[4], [count], -strengths.hue, strengths.hue);
  return {
    brightness: factor(keys[1], strengths.brightness),
    contrast: factor(keys[2], strengths.contrast),
    saturation: factor(keys[3], strengths.saturation),
    hue: tf.where(chosen, turn, tf.zerosLike(turn)),
    times: uniform(keys[5], [count, 4]),
  };
}

/**
 * The adjustments of each image, in its order.
 *
 * Brightness, contrast and saturation are blends, so one blend with a separate factor for each image serves a round of
 * all three. Hue costs as much as several rounds and is computed once. First come the rounds for what precedes hue in
 * an image, then hue, then the rounds for what follows it. An image without an adjustment in a round has a factor of 1.
 *
 * @param draw The adjustments.
 * @param images float32 [N, H, W, C] in [0, 1], C = 1 or 3.
 */
export function applyJitter(draw: JitterDraw, images: Tensor): Tensor {
  const planes = tf.unstack(toPlanes(images), 1); // C of [N, H, W]
  const kinds = planes.length === 1
    ? [draw.brightness, draw.contrast]
    : [draw.brightness, draw.contrast, draw.saturation];
  const factors = tf.stack(kinds, 1); // [N, kinds]
  const times = tf.slice(draw.times, [0, 0], [-1, kinds.length]); // [N, kinds]
  const ranks = ranksOf(times); // [N, kinds]
  if (planes.length === 1) return fromPlanes(tf.stack(blends(planes, factors, ranks), 1));

  const hueTime = tf.slice(draw.times, [0, 3], [-1, 1]); // [N, 1]
  const precedes = tf.lessEqual(times, hueTime); // [N, kinds]
  const only = (condition: Tensor) => tf.where(condition, factors, tf.onesLike(factors));
  const before = blends(planes, only(precedes), ranks);
  const turned = turnHue(before as unknown as Colors, perImage(draw.hue, 3));
  const isTurned = tf.notEqual(draw.hue, 0);
  const hued = turned.map((plane, channel) => selectRows(isTurned, plane, before[channel]));
  return fromPlanes(tf.stack(blends(hued, only(tf.logicalNot(precedes)), ranks), 1));
}

/** The rank of each column in its row, ascending, float32; equal values keep the columns' order. */
function ranksOf(times: Tensor): Tensor {
  const columns = tf.unstack(times, 1);
  const places = columns.map((time, column) =>
    tf.addN(
      columns.flatMap((other, index) =>
        index === column ? [] : [tf.cast(index < column ? tf.lessEqual(other, time) : tf.less(other, time), "float32")]
      ),
    )
  );
  return tf.stack(places, 1);
}

/**
 * Rounds of blends. In each round, every image gets its adjustment of that rank.
 *
 *     x <- clip(f x + (1 - f) other, 0, 1),    other = 0 (brightness), mean(grey(x)) (contrast), grey(x) (saturation)
 *
 * @param planes float32 [N, H, W], one or three.
 * @param factors f of brightness, contrast and saturation, float32 [N, kinds].
 * @param ranks The round of each, float32 [N, kinds].
 */
function blends(planes: readonly Tensor[], factors: Tensor, ranks: Tensor): Tensor[] {
  const rounds = Array.from({ length: factors.shape[1]! }, (_, round) => round);
  return rounds.reduce<Tensor[]>((colors, round) => {
    const now = tf.where(tf.equal(ranks, round), factors, tf.onesLike(factors)); // [N, kinds]
    const own = perImage(tf.prod(now, 1), 3); // [N, 1, 1]
    const [, toMean, toGrey] = tf.unstack(tf.sub(1, now), 1).map((weight) => perImage(weight, 3)); // [N, 1, 1] each
    const grey = colors.length === 1 ? colors[0] : greyOf(colors[0], colors[1], colors[2]);
    const mean = tf.mul(tf.mean(grey, [1, 2], true), toMean); // [N, 1, 1]
    const other = toGrey === undefined ? mean : tf.add(tf.mul(grey, toGrey), mean);
    return colors.map((color) => tf.clipByValue(tf.add(tf.mul(color, own), other), 0, 1));
  }, [...planes]);
}
