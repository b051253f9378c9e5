/**
 * Images in memory.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/** A file that was left out of a data set, and why. */
export type SkippedImage = { readonly path: string; readonly reason: string };

/** Equally large images, uint8 as they are stored: nothing is scaled or normalised yet. */
export type Dataset = {
  /** What results are named after, such as "fashion-mnist". */
  readonly name: string;
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

/** What a source of images has: those to train on, and those held out for evaluation where there are any. */
export type Split = { readonly train: Dataset; readonly test?: Dataset };
