/**
 * Which image comes at which place of an epoch, where its random views are taken, and what replaces an image that
 * cannot be used.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { type BoxLaw, randomBox, viewDraws } from "./crop_box.ts";
import { type ImageSource, placeOf } from "./image_source.ts";
import { below } from "./philox.ts";
import { type Placement, resizedBox } from "./placement.ts";
import { planImage, type ReadOptions, type SizedImage } from "./planned_image.ts";
import { epochOrder } from "./shuffle.ts";
import type { SkippedImage } from "./types.ts";
import { UnusableImage } from "./unusable.ts";

/** Images, and how two random views of each are drawn in each epoch. */
export type RandomViews = ReadOptions & {
  readonly source: ImageSource;
  /** Determines the order and the boxes, together with the epoch. */
  readonly seed: number;
  /** Rows and columns of a view, pixels. */
  readonly size: number;
  /** How the boxes of the first and of the second view are drawn. */
  readonly boxes: readonly [BoxLaw, BoxLaw];
  /**
   * What happens to an image that cannot be used: "skip" replaces it with another one, "stop" throws. Default "skip".
   */
  readonly onUnreadable?: "skip" | "stop";
  /** Called once for every image that cannot be used. */
  readonly onSkip?: (skipped: SkippedImage) => void;
};

/** An image at a place of an epoch, and the plan of its views. */
export type EpochImage = SizedImage & {
  /** The image's place in the source. */
  readonly image: number;
  /** The place in the epoch's order. */
  readonly place: number;
  /** How many images were tried before it. */
  readonly tries: number;
};

/** The images of every epoch. */
export type EpochImages = {
  /**
   * The image at a place of an epoch: the one given by the order, or after `tries` others the one drawn for that place.
   *
   * @throws {UnusableImage} if an image that cannot be used is to stop the training, or none can be used.
   */
  readonly at: (epoch: number, place: number, tries?: number) => EpochImage;
  /**
   * Leaves an image out from now on, for a reason.
   *
   * @throws {UnusableImage} if such an image is to stop the training.
   */
  readonly skip: (image: number, reason: string) => void;
  /** The images that are left out so far, by place, and why. */
  readonly skipped: ReadonlyMap<number, SkippedImage>;
};

/** The number that keeps the draws for replacement images apart from those for the views. */
const REPLACEMENT = 2 ** 32 - 1;

/** How many images are tried for one place before the source is given up. */
const MOST_TRIES = 1000;

/** The images of every epoch, which depend only on the images, the seed and the epoch. */
export function epochImages(options: RandomViews): EpochImages {
  const { source, seed, size, boxes } = options;
  const { paths } = source;
  const skipped = new Map<number, SkippedImage>();
  let known: { readonly epoch: number; readonly order: Uint32Array } | undefined;

  const orderOf = (epoch: number): Uint32Array => {
    if (known?.epoch !== epoch) known = { epoch, order: epochOrder(seed, epoch, paths.length) };
    return known.order;
  };
  const skip = (image: number, reason: string): void => {
    const found = { path: paths[image], reason };
    if (options.onUnreadable === "stop") throw new UnusableImage(found);
    if (!skipped.has(image)) options.onSkip?.(found);
    skipped.set(image, found);
  };
  const at = (epoch: number, place: number, tries: number = 0): EpochImage => {
    const placements = (height: number, width: number): readonly Placement[] =>
      boxes.map((law, view) => resizedBox(randomBox(height, width, law, viewDraws(seed, epoch, place, view)), size));
    const random = viewDraws(seed, epoch, place, REPLACEMENT);
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const image = attempt === 0 ? orderOf(epoch)[place] : below(paths.length, () => random() * 2 ** 32);
      if (attempt < tries || skipped.has(image)) continue;
      const planned = planImage(placeOf(source, image), placements, size, options);
      if (Either.isRight(planned)) return { ...planned.right, image, place, tries: attempt };
      skip(image, planned.left);
    }
    const [{ path, reason }] = skipped.values();
    throw new UnusableImage({ path, reason: `${reason}. None of ${MOST_TRIES} images that were tried can be used` });
  };
  return { at, skip, skipped };
}
