/**
 * Parts of a data set.
 *
 * @module
 */
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import type { Part } from "../core/devices.ts";
import { type Dataset, type ImageFiles, type Images, isInFiles } from "./types.ts";

/**
 * Which of `count` images remain under a limit, in ascending order. With labels the classes take turns, each giving its
 * images in order. So every class has an equal share, as long as it has images. Without labels, the first images
 * remain.
 *
 * @param count The number of images.
 * @param limit The greatest number to keep.
 * @param labels [count], if there are any.
 * @throws {RangeError} if the limit is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { limited } from "./select.ts";
 *
 * assertEquals(limited(6, 4, [0, 0, 0, 0, 1, 1]), [0, 1, 4, 5]);
 * assertEquals(limited(6, 4), [0, 1, 2, 3]);
 * ```
 */
export function limited(count: number, limit: number, labels?: ArrayLike<number>): readonly number[] {
  checkNumbers("limit a data set", { limit: [limit, wholeFromOne] });
  const all = Array.from({ length: count }, (_, index) => index);
  if (limit >= count) return all;
  if (labels === undefined) return all.slice(0, limit);
  const turns = new Map<number, number>(); // images seen of each class
  const turnOf = all.map((index) => {
    const turn = turns.get(labels[index]) ?? 0;
    turns.set(labels[index], turn + 1);
    return turn;
  });
  return all.toSorted((a, b) => turnOf[a] - turnOf[b]).slice(0, limit).sort((a, b) => a - b); // stable: first of a turn
}

/**
 * The images at some places of a data set, in the order given.
 *
 * @param dataset The data set. It is not changed, and the result shares no memory with it.
 * @param indices Places in [0, count).
 * @throws {RangeError} if a place is not in the data set.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { select } from "./select.ts";
 *
 * const dataset = { name: "two", images: Uint8Array.of(7, 9), count: 2, height: 1, width: 1, channels: 1 };
 * assertEquals(select(dataset, [1, 1, 0]).images, Uint8Array.of(9, 9, 7));
 * ```
 */
export function select<D extends Dataset | ImageFiles>(dataset: D, indices: ArrayLike<number>): D {
  const { labels } = dataset;
  const places = Array.from(indices, (index) => checked(index, dataset.count));
  const picked = {
    count: places.length,
    ...labels === undefined ? {} : {
      labels: labels instanceof Uint8Array
        ? Uint8Array.from(places, (place) => labels[place])
        : Int32Array.from(places, (place) => labels[place]),
    },
  };
  if (!isInFiles(dataset)) return { ...dataset, ...picked, images: gather(dataset, places) };
  const { paths, parts, copies } = dataset;
  return {
    ...dataset,
    ...picked,
    paths: places.map((place) => paths[place]),
    ...parts === undefined ? {} : { parts: places.map((place) => parts[place]) },
    ...copies === undefined ? {} : { copies: places.map((place) => copies[place]) },
  };
}

/**
 * A device's part of a data set: the images i with i mod `count` = `index`.
 *
 * @param data The whole data set.
 * @param part The part. The whole one is the data set itself.
 */
export function partOfImages(data: Images | ImageFiles, { index, count }: Part): Images | ImageFiles {
  if (count === 1) return data;
  const places = Array.from({ length: Math.ceil((data.count - index) / count) }, (_, row) => row * count + index);
  return select(isInFiles(data) ? data : { name: "part", ...data }, places);
}

/**
 * The pixels of the images at some places, one after another.
 *
 * @param dataset The data set.
 * @param indices Places in [0, count).
 * @returns uint8 [indices.length, height, width, channels].
 * @throws {RangeError} if a place is not in the data set.
 */
export function gather(
  { images, count, height, width, channels }: Images,
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const size = height * width * channels;
  const gathered = new Uint8Array(indices.length * size);
  for (let n = 0; n < indices.length; n++) {
    const index = checked(indices[n], count);
    gathered.set(images.subarray(index * size, (index + 1) * size), n * size);
  }
  return gathered;
}

function checked(index: number, count: number): number {
  if (!(index >= 0 && index < count)) {
    throw new RangeError(`Cannot take an image: expected a place in [0, ${count}), found ${index}`);
  }
  return index;
}
