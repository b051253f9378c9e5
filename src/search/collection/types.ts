/**
 * What a collection holds.
 *
 * @module
 */
import type { Json } from "../../files/json.ts";

/** Where images come from: a folder, or a data set by name. */
export type CollectionSource = {
  readonly id: number;
  /** "folder", or the name of a data set such as "fashion-mnist". */
  readonly name: string;
  /** The absolute path of the folder or file; empty where there is none. */
  readonly path: string;
};

/** An image of a collection. */
export type CollectionImage = {
  /** Its number, which it keeps for as long as the collection exists. */
  readonly id: number;
  /** Where it comes from, by {@linkcode CollectionSource}'s number. */
  readonly source: number;
  /** The path below the source, with slashes; for images in memory, the half and the place, as in "train/17". */
  readonly path: string;
  /** The absolute path of the file; absent for images in memory. */
  readonly file?: string;
  /** SHA-256 of the file, or of the pixels in memory, in hexadecimal digits. */
  readonly digest: string;
  /** Pixels, as displayed. */
  readonly width: number;
  /** Pixels, as displayed. */
  readonly height: number;
  /** The size of the file, or of the pixels in memory. */
  readonly bytes: number;
  /** When the file was last modified, milliseconds since 1970; 0 for images in memory. */
  readonly modified: number;
  /** The name of its class, if it has one. */
  readonly label?: string;
  /** The half of its source that it is in. */
  readonly split: "train" | "test";
  /** When the image was found missing, milliseconds since 1970; absent if it is there. */
  readonly removed?: number;
  /** Sorted. */
  readonly tags: readonly string[];
  /** What the columns say of it; those that say nothing are absent. */
  readonly columns: Readonly<Record<string, string | number>>;
};

/** A column that was joined to the images. */
export type Column = {
  readonly name: string;
  /** "number" if every value is a number. */
  readonly kind: "number" | "text";
};

/** An encoder, and what is needed to make more vectors with it. */
export type CollectionEncoder = {
  /** The name of its vectors in the collection. */
  readonly name: string;
  /** SHA-256 of the weights and of how images are prepared for them, in hexadecimal digits. */
  readonly digest: string;
  /** Numbers of a vector, D. */
  readonly dim: number;
  /** Rows and columns of the images that it sees, pixels. */
  readonly size: number;
  /** Channels of the images that it sees. */
  readonly channels: number;
  /** What is subtracted from each channel, in units of the largest pixel value. */
  readonly mean: readonly number[];
  /** What each channel is divided by after that. */
  readonly std: readonly number[];
  /** What made it: the checkpoint or weights, the configuration, and the version of this program. */
  readonly madeBy: Json;
};

/** Unit vectors of images that are there, in the order of the images' numbers. */
export type CollectionVectors = {
  /** The number of each vector's image, int32 [N]. */
  readonly ids: Int32Array;
  /** [N, dim], row-major, float32. */
  readonly values: Float32Array;
  /** Numbers of a vector, D. */
  readonly dim: number;
};

/** The places of images on a map. */
export type CollectionMap = {
  /** The number of each point's image, int32 [N]. */
  readonly ids: Int32Array;
  /** [N, 2], row-major: across and up. */
  readonly points: Float32Array;
  /** How the map was made. */
  readonly settings: Json;
};

/** The cluster of each of some images. */
export type CollectionClusters = {
  /** The number of each image, int32 [N]. */
  readonly ids: Int32Array;
  /** Its cluster, int32 [N]; -1 where it is in none. */
  readonly clusters: Int32Array;
  /** How the clusters were made, and their names if they have some. */
  readonly settings: Json;
};

/** A name, and how many images bear it. */
export type Counted = { readonly name: string; readonly count: number };

/** How many images a collection has. */
export type CollectionCounts = {
  /** Images that are there. */
  readonly images: number;
  /** Images that are no longer there. */
  readonly removed: number;
};
