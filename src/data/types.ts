/**
 * Data sets, in memory and in files, and batches of them.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { Crops } from "../augment/types.ts";
import type { ImageSource } from "./image_source.ts";
import type { ReadOptions } from "./planned_image.ts";

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

/** What is known about the images of a data set. */
export type AboutImages = {
  /** The name used for results, such as "fashion-mnist". */
  readonly name: string;
  /** [count], the index of each image's class. */
  readonly labels?: Uint8Array | Int32Array;
  /** The name of each class. */
  readonly classes?: readonly string[];
  /** The files that could not be read and were left out. */
  readonly skipped?: readonly SkippedImage[];
};

/** A data set in memory. */
export type Dataset = Images & AboutImages;

/** A data set whose images are read from their files whenever they are needed. */
export type ImageFiles = AboutImages & ReadOptions & ImageSource & {
  /** The number of images. */
  readonly count: number;
  /** Rows of the central view on which an encoder is evaluated, pixels. */
  readonly height: number;
  /** Columns of that view, pixels: as many as rows. */
  readonly width: number;
  /** 1, grey, or 3, red, green and blue. */
  readonly channels: 1 | 3;
  /** The shorter side of an image when that view is cut out of it, as {@linkcode CentralViewsOptions} has it. */
  readonly shorter?: number;
  /** What happens to an image that cannot be used. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
};

/**
 * Whether a data set is in files rather than in memory.
 *
 * @param data The data set.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isInFiles } from "@momentum-contrast/moco";
 *
 * const inMemory = { images: Uint8Array.of(1, 2), count: 2, height: 1, width: 1, channels: 1 };
 * assert(!isInFiles(inMemory));
 * ```
 */
export function isInFiles(data: Images | ImageFiles): data is ImageFiles {
  return "paths" in data;
}

/**
 * Some images of a data set, and their places. It is a tree of tensors: `dispose` frees it.
 *
 * Images in memory come whole, and the augmentation cuts their views. Images in files come as {@linkcode Crops}.
 */
export type Batch<I extends Tensor | Crops = Tensor> = {
  /** uint8 [N, height, width, channels], or two crops of each image. */
  readonly images: I;
  /** Their places in the data set, int32 [N]. */
  readonly index: Tensor;
  /** The share of them that equal another one of the batch, float32 scalar, where it is known. */
  readonly identical?: Tensor;
  /** The class of each, int32 [N]; absent where nothing is learned from labels. */
  readonly labels?: Tensor;
};

/**
 * The batches of a data set, in an order that depends only on the seed and the epoch. `B` is the type of an
 * epoch's batches.
 */
export type Batches<B extends AnyIterable<Batch<Tensor | Crops>> = AnyIterable<Batch>> = {
  /** Images in a batch. */
  readonly size: number;
  /** Batches in an epoch. The last `count % size` images of an epoch's order are left out. */
  readonly perEpoch: number;
  /**
   * The batches of an epoch from the given one on (default 0). Whoever takes one frees it.
   */
  readonly epoch: (epoch: number, from?: number) => B;
  /** Ends work on batches that nobody will take. Absent if there is none. */
  readonly close?: () => void;
};

/** What a loop can go over. */
export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

/** The images of a source: those to train on, and those held out for evaluation if there are any. */
export type Split<D extends Dataset | ImageFiles = Dataset | ImageFiles> = { readonly train: D; readonly test?: D };

/** How a data set is loaded, besides its configuration. */
export type LoadOptions = {
  /** Rows and columns of the view on which an encoder is evaluated, pixels, if images differ in size. Default 224. */
  readonly size?: number;
  /** Called with what a user should know, one line at a time: downloads, progress, skipped files. Default: stderr. */
  readonly notify?: (message: string) => void;
};
