import { fromBytes, type Tensor } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import { dispose } from "../core/scope.ts";
import type { Images } from "../data/types.ts";
import { nearest, takeRows } from "../search/nearest.ts";

/** Images in memory with the class of each. */
export type LabelledPixels = Images & {
  /** [count]. */
  readonly labels: ArrayLike<number>;
};

/** An image in the report. */
export type Picture = {
  /** PNG as a data URI. */
  readonly source: string;
  /** Name of its class. */
  readonly name: string;
};

/** A test image with the training images that are nearest to it. */
export type GalleryRow = {
  readonly query: Picture;
  readonly neighbours: readonly (Picture & {
    /** Cosine similarity, in [-1, 1]. */
    readonly similarity: number;
    /** Whether its class is the query's. */
    readonly same: boolean;
  })[];
};

/** What {@linkcode gallery} shows. */
export type GalleryInput = {
  /** Held-out images and their features float32 [M, D]. */
  readonly test: { readonly images: LabelledPixels; readonly features: Tensor };
  /** Training images and their features float32 [N, D]. */
  readonly train: { readonly images: LabelledPixels; readonly features: Tensor };
  /** Test images to show. Default: the first one of each class, at most 10 classes. */
  readonly queries?: readonly number[];
  /** Neighbours of each. Default 8. */
  readonly k?: number;
  /** Names of the classes. Default: their numbers. */
  readonly classes?: readonly string[];
};

/**
 * The nearest training images of some test images, as pictures for the report.
 *
 * @param input The images, their features and what to show of them.
 * @returns A row for each test image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gallery, tf } from "@momentum-contrast/moco";
 *
 * const images = { name: "two", images: Uint8Array.of(0, 255), count: 2, height: 1, width: 1, channels: 1, labels: [0, 1] };
 * const features = tf.tensor2d([[1, 0], [0, 1]]);
 * const [first] = gallery({ test: { images, features }, train: { images, features }, k: 1 });
 * assertEquals(first.neighbours.map(({ similarity, same }) => [similarity, same]), [[1, true]]);
 * ```
 */
export function gallery(input: GalleryInput): readonly GalleryRow[] {
  const { test, train } = input;
  const queries = input.queries ?? firstOfEachClass(test.images.labels, 10);
  const rows = takeRows(test.features, queries);
  const found = nearest(rows, train.features, Math.min(input.k ?? 8, train.images.count));
  dispose(rows);
  const name = (label: number) => input.classes?.[label] ?? String(label);
  const picture = (images: LabelledPixels, index: number): Picture => {
    const { height, width, channels } = images;
    const size = height * width * channels;
    const pixels = fromBytes(images.images.subarray(index * size, (index + 1) * size), [height, width, channels]);
    const png = encodePng(pixels);
    dispose(pixels);
    return { source: `data:image/png;base64,${png.toBase64()}`, name: name(images.labels[index]) };
  };
  return queries.map((query, i) => ({
    query: picture(test.images, query),
    neighbours: found[i].map(({ index, similarity }) => ({
      ...picture(train.images, index),
      similarity,
      same: train.images.labels[index] === test.images.labels[query],
    })),
  }));
}

/**
 * The index of the first sample of each class, in the order of the classes.
 *
 * @param labels The class of each sample.
 * @param most The most classes.
 */
export function firstOfEachClass(labels: ArrayLike<number>, most: number): readonly number[] {
  const first = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) if (!first.has(labels[i])) first.set(labels[i], i);
  return [...first].sort(([a], [b]) => a - b).slice(0, most).map(([, index]) => index);
}
