/**
 * Images in memory.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/** A file that was left out of a data set, and why. */
export type SkippedImage = { readonly path: string; readonly reason: string };

/** Equally large images, uint8 as they are stored: nothing is scaled or normalised yet. */
export type Images = {
  /** [count, height, width, channels], row-major, uint8. */
  readonly images: Uint8Array;
  /** The number of images. */
  readonly count: number;
  /** Pixels. */
  readonly height: number;
  /** Pixels. */
  readonly width: number;
  /** 1, grey, or 3, red, green and blue. */
  readonly channels: number;
};

/** Images with what is known about them. */
export type Dataset = Images & {
  /** What results are named after, such as "fashion-mnist". */
  readonly name: string;
  /** [count], the index of each image's class. */
  readonly labels?: Uint8Array | Int32Array;
  /** The name of each class. */
  readonly classes?: readonly string[];
  /** The files that could not be read and were left out. */
  readonly skipped?: readonly SkippedImage[];
};

/** Some images of a data set, and which they are. A tree of tensors: `dispose` frees it. */
export type Batch = {
  /** [N, height, width, channels], uint8 as the loader gives them. */
  readonly images: Tensor;
  /** Their places in the data set, int32 [N]. */
  readonly index: Tensor;
};

/**
 * The batches of a data set, in an order that depends on nothing but the seed and the epoch. `B` is what an epoch is
 * taken from.
 */
export type Batches<B extends Iterable<Batch> | AsyncIterable<Batch> = Iterable<Batch> | AsyncIterable<Batch>> = {
  /** Images a batch. */
  readonly size: number;
  /** Batches an epoch. The `count % size` images that are last in an epoch's order are not in it. */
  readonly perEpoch: number;
  /**
   * The batches of an epoch from the given one on (default 0), their images uint8 [size, height, width, channels]. Whoever
   * takes one frees it.
   */
  readonly epoch: (epoch: number, from?: number) => B;
};

/** What a source of images has: those to train on, and those held out for evaluation where there are any. */
export type Split = { readonly train: Dataset; readonly test?: Dataset };

/** How a data set is loaded, beside its configuration. */
export type LoadOptions = {
  /** The height and width of the views that will be made, pixels: decides the size of a folder's images in memory. */
  readonly viewSize?: number;
  /** Height and width of a folder's images in memory, pixels. */
  readonly size?: number;
  /** Is told, a line each, what a user should know: downloads, progress, skipped files. Default: stderr. */
  readonly notify?: (message: string) => void;
};
