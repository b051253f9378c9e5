import type { Tensor } from "../engine/mod.ts";
import type { Part } from "../core/devices.ts";
import type { Key } from "../core/random.ts";

/**
 * A random transformation of a batch: float32 images in [0, 1], [N, height, width, channels], to images of the same
 * kind. Every image has its own draw, and the same key gives the same draws. Pure, and traceable by `jit`.
 */
export type Augmentation = (key: Key, images: Tensor) => Tensor;

/** What every augmentation can be told of the images that it will get. */
export type OfBatch = {
  /**
   * Which part of a batch the images are. They get the draws that they would get in the whole batch. Default: they are
   * a whole batch.
   */
  readonly part?: Part;
};

/** A range from its least to its greatest value. */
export type Range = readonly [min: number, max: number];

/** Two crops of each image, resized: what two views are made from. */
export type Crops = {
  /** [N, size, size, C]. */
  readonly query: Tensor;
  /** [N, size, size, C]. */
  readonly key: Tensor;
};
