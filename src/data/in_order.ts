/**
 * A data set's images in order, in memory or in files.
 *
 * @module
 */
import { readBytes } from "../engine/mod.ts";
import { dispose } from "../core/scope.ts";
import { type CentralViews, centralViews } from "./central_views.ts";
import { batchesInOrder } from "./loader.ts";
import { select } from "./select.ts";
import { type Dataset, type ImageFiles, type Images, isInFiles, type SkippedImage } from "./types.ts";

/**
 * All images of a data set in order, in batches. Images in memory come as they are; images in files come as their
 * central views. Images in files that cannot be used are left out.
 *
 * @param data The images.
 * @param batch The greatest number of images in a batch.
 * @param onSkip Called for every image that is left out.
 * @throws {UnusableImage} if an image cannot be used and the data set says "stop".
 */
export function* imagesInOrder(
  data: Images | ImageFiles,
  batch: number,
  onSkip?: (skipped: SkippedImage) => void,
): Generator<CentralViews, void, undefined> {
  if (isInFiles(data)) {
    const { height: size, shorter, channels, limits, recover, onUnreadable } = data;
    yield* centralViews({ source: data, batch, size, shorter, channels, limits, recover, onUnreadable, onSkip });
    return;
  }
  let first = 0;
  for (const images of batchesInOrder({ name: "images", ...data }, batch)) {
    const index = Array.from({ length: images.shape[0] }, (_, row) => first + row);
    first += index.length;
    const sizes = index.map(() => ({ height: data.height, width: data.width }));
    yield { images, index, sizes, contents: index.map(() => undefined) };
  }
}

/** How many images are read from their files at a time. */
const BATCH = 64;

/**
 * Reads the central views of a data set in files into memory, without the images that cannot be used.
 *
 * @param files The images.
 * @returns A data set of `height * width * channels` bytes for each image.
 * @throws {UnusableImage} if an image cannot be used and the data set says "stop".
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inMemory } from "@momentum-contrast/moco";
 *
 * const paths = ["/no/such/file.jpg"];
 * const { count, skipped } = inMemory({ name: "one", paths, count: 1, height: 8, width: 8, channels: 3 });
 * assertEquals([count, skipped], [0, [{ path: paths[0], reason: "no such file or folder" }]]);
 * ```
 */
export function inMemory(files: ImageFiles): Dataset {
  const { name, height, width, channels, classes } = files;
  const size = height * width * channels;
  const images = new Uint8Array(files.count * size);
  const places: number[] = [];
  const skipped: SkippedImage[] = [];
  for (const batch of imagesInOrder(files, BATCH, (image) => skipped.push(image))) {
    images.set(readBytes(batch.images), places.length * size);
    places.push(...batch.index);
    dispose({ images: batch.images });
  }
  const { labels } = select(files, places);
  return {
    ...{ name, height, width, channels, classes, count: places.length },
    images: images.subarray(0, places.length * size),
    ...labels === undefined ? {} : { labels },
    ...skipped.length === 0 ? {} : { skipped },
  };
}
