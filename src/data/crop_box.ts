/**
 * Where a view is taken from an image: plain numbers, drawn before anything is decoded.
 *
 * @module
 */
import { centralBox } from "../augment/central_box.ts";
import { halves, philox, words } from "./philox.ts";

/** A part of an image, in whole pixels. */
export type Box = { readonly top: number; readonly left: number; readonly height: number; readonly width: number };

/** How random boxes are drawn. */
export type BoxLaw = {
  /** The least and greatest share of the image's area that a box takes. */
  readonly scale: readonly [number, number];
  /** The least and greatest ratio of a box's width to its height. */
  readonly ratio: readonly [number, number];
};

/** How many boxes are drawn before the central one is taken. */
const TRIES = 10;

/** Keeps the draws of an epoch's boxes apart from those of its order, which use the same seed. */
const BOXES = 0x424f58;

/**
 * A random box, drawn exactly as torchvision's `RandomResizedCrop` does. There are up to ten tries of
 *
 *     area ~ U(scale) H W,    ln ratio ~ U(ln ratio),    w = round(sqrt(area ratio)),    h = round(sqrt(area / ratio))
 *
 * The first one that fits is put at a uniform place. If none fits, the largest central box of an allowed ratio is
 * taken.
 *
 * Source: arXiv:1911.05722, section 3.3. Reference: reference/augment/resized_crop.ts
 *
 * @param height Rows of the image, pixels.
 * @param width Columns of the image, pixels.
 * @param law Shares of the area, and ratios of the sides.
 * @param random Uniform in [0, 1).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomBox } from "./crop_box.ts";
 *
 * const whole = randomBox(6, 8, { scale: [1, 1], ratio: [4 / 3, 4 / 3] }, () => 0.5);
 * assertEquals(whole, { top: 0, left: 0, height: 6, width: 8 });
 * ```
 */
export function randomBox(height: number, width: number, { scale, ratio }: BoxLaw, random: () => number): Box {
  const between = (low: number, high: number): number => low + (high - low) * random();
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = height * width * between(...scale);
    const r = Math.exp(between(Math.log(ratio[0]), Math.log(ratio[1])));
    const w = Math.round(Math.sqrt(area * r));
    const h = Math.round(Math.sqrt(area / r));
    if (0 < w && w <= width && 0 < h && h <= height) {
      const top = Math.floor(random() * (height - h + 1));
      return { top, left: Math.floor(random() * (width - w + 1)), height: h, width: w };
    }
  }
  return centralBox(height, width, ratio);
}

/**
 * The random numbers of a view, uniform in [0, 1): a pure function of seed, epoch, place in the epoch's order and view.
 *
 * @param seed An integer in [0, 2^53).
 * @param epoch An integer in [0, 2^53).
 * @param place The image's place in the order of the epoch, below 2^32.
 * @param view Which view of the image.
 */
export function viewDraws(seed: number, epoch: number, place: number, view: number): () => number {
  const [first, second] = philox([...halves(epoch), BOXES, 0], halves(seed));
  const draw = words([first, second], [0, place, view]);
  return () => draw() / 2 ** 32;
}
