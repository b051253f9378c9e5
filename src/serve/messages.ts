/**
 * What the server tells the page. Both read these types.
 *
 * Images are known to the page by their row: their place among the images of the collection, by number. Whatever is
 * said of every image is one typed array with a value for each row.
 *
 * @module
 */
import type { RunStanding } from "../run/watched/run_standing.ts";
export type { FocusInfo } from "../run/focus_info.ts";

/** A name, and how many images bear it. */
export type Counted = { readonly name: string; readonly count: number };

/** A column of the images. */
export type ColumnInfo = {
  /** What the server knows it by. */
  readonly id: string;
  /** What the reader knows it by. */
  readonly name: string;
  /** "order": numbers that only say which image comes before which, such as the places of sorted paths. */
  readonly kind: "number" | "text" | "order";
};

/** An encoder, and what was made of its vectors. */
export type EncoderInfo = {
  readonly name: string;
  /** Numbers of a vector, D. */
  readonly dim: number;
  readonly hasMap: boolean;
  readonly hasClusters: boolean;
};

/** A collection at a glance. */
export type CollectionInfo = {
  /** The file's name. */
  readonly name: string;
  /** Changes when the images do, and their rows with them. No other start and no other collection has the same. */
  readonly version: number;
  /** How many images there are. */
  readonly count: number;
  readonly columns: readonly ColumnInfo[];
  readonly encoders: readonly EncoderInfo[];
  readonly tags: readonly Counted[];
  readonly selections: readonly Counted[];
};

/** What is known of an image. */
export type ImageInfo = {
  readonly row: number;
  /** Its number in the collection. */
  readonly id: number;
  readonly path: string;
  /** The absolute path of its file; absent for images in memory. */
  readonly file?: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Milliseconds since 1970; 0 for images in memory. */
  readonly modified: number;
  readonly label?: string;
  readonly split: "train" | "test";
  readonly tags: readonly string[];
  readonly columns: Readonly<Record<string, string | number>>;
};

/** The head of a column's bytes: a text column holds, for each row, a place in `values`, or -1. */
export type ColumnHead =
  | { readonly kind: "number"; readonly dtype: "float64" }
  | { readonly kind: "order"; readonly dtype: "int32" }
  | { readonly kind: "text"; readonly dtype: "int32"; readonly values: readonly string[] };

/** What there is to look at. */
export type Here = {
  readonly hasCollection: boolean;
  /** How many runs are watched. They are known by their place, from 0. */
  readonly runs: number;
};

/** A run at a glance. */
export type RunInfo = Omit<RunStanding, "folder" | "modified"> & {
  /** What the reader knows it by. */
  readonly name: string;
  /** How long ago the last line was written, seconds; absent before the first. */
  readonly age?: number;
  /** Rows of its curves. */
  readonly count: number;
  /** Changes when rows are forgotten, as when a run goes back to a checkpoint. */
  readonly generation: number;
  /** The names of its curves. */
  readonly curves: readonly string[];
};

/** The head of some rows of a run's curves: float64, a step, an epoch, and a value of each curve that was asked for. */
export type CurvesHead = {
  readonly generation: number;
  /** The first of the rows. It is 0, and not what was asked for, where rows were forgotten. */
  readonly from: number;
};

/** A key of a run's queue: how many steps ago it was made, and of which training image, by its place. */
export type KeyInfo = { readonly age: number; readonly image: number };

/** The queue of a run's newest checkpoint. */
export type QueueInfo = {
  /** Steps behind, and steps of an epoch. */
  readonly step: number;
  readonly perEpoch: number;
  /** Keys that it holds, and how many of them are of images. */
  readonly size: number;
  readonly real: number;
  /** Some keys, from the newest to the oldest, each with those that are most like it. */
  readonly rows: readonly (KeyInfo & { readonly nearest: readonly (KeyInfo & { readonly similarity: number })[] })[];
};

/**
 * What is found by comparing all images with each other. The pairs are those that a share in (0, 1) may join, of which
 * each list has one number.
 */
export type Compared = {
  /** The mean distance of each image to those nearest to it; NaN for one without a vector. */
  readonly distances: Float64Array;
  /** One image of each pair, and the other one. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** The cosine similarity of each pair. */
  readonly similarities: Float32Array;
  /** The share that the distance of each pair has of the distances around the two images. */
  readonly shares: Float32Array;
};

/** What stands before a comparison's numbers, which come in the order of {@linkcode Compared}: how many pairs it has. */
export type ComparedHead = { readonly pairs: number };

/** How far a long computation is. */
export type Progress = { readonly done: number; readonly count: number };

/** Why the server does not do what it was asked for. */
export type Refusal = { readonly error: string };
