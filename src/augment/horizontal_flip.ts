import { type Tensor, tf } from "../engine/mod.ts";
import { selectRows } from "../engine/ops/mod.ts";
import { checkNumbers, share } from "../core/check_numbers.ts";
import { type Key, uniform } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { batchShape } from "./check.ts";
import { fromPlanes, toPlanes } from "./planes.ts";
import { drawn } from "./drawn.ts";
import type { Augmentation, OfBatch } from "./types.ts";

/** Options of {@linkcode horizontalFlip}. */
export type FlipOptions = OfBatch & {
  /** The probability of a flip. Default 0.5. */
  readonly probability?: number;
};

/**
 * Mirrors some images, left to right.
 *
 *     out[y, x] = in[y, W - 1 - x]
 *
 * Reference: reference/augment/horizontal_flip.ts
 *
 * @param options The probability.
 * @throws {RangeError} if the probability is outside [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { horizontalFlip, key, tf } from "@momentum-contrast/moco";
 *
 * const image = tf.tensor4d([0, 0.5, 1], [1, 1, 3, 1]);
 * assertEquals([...horizontalFlip({ probability: 1 })(key(0), image).dataSync()], [1, 0.5, 0]);
 * ```
 */
export function horizontalFlip({ probability = 0.5, part }: FlipOptions = {}): Augmentation {
  checkNumbers("flip images", { probability: [probability, share] });
  return (key, images) =>
    scope(() => {
      const draw = (count: number) => drawFlip(key, count, probability);
      return applyFlip(drawn(draw, batchShape(images, "flip")[0], part), images);
    });
}

/** Which of `count` images are flipped, bool [N]. */
export function drawFlip(key: Key, count: number, probability: number): Tensor {
  return tf.less(uniform(key, [count]), probability);
}

/**
 * The chosen images mirrored.
 *
 * @param flipped bool [N].
 * @param images float32 [N, H, W, C].
 */
export function applyFlip(flipped: Tensor, images: Tensor): Tensor {
  const planes = toPlanes(images);
  return fromPlanes(selectRows(flipped, tf.reverse(planes, 3), planes));
}
