/**
 * Batches of a data set: shuffled ones for training, and all images in order for evaluation.
 *
 * @module
 */
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { clearImmediate, setImmediate } from "node:timers";
import { type Part, whole } from "../core/devices.ts";
import { fromBytes, type Tensor, tf } from "../engine/mod.ts";
import { fingerprint, identicalShare } from "./fingerprint.ts";
import { gather } from "./select.ts";
import { epochOrder } from "./shuffle.ts";
import type { Batch, Batches, Dataset } from "./types.ts";

/** What {@linkcode batches} makes batches of. */
export type BatchesOptions = {
  /** The images. */
  readonly dataset: Dataset;
  /** Images in a batch. */
  readonly batch: number;
  /** Determines the order, together with the epoch. */
  readonly seed: number;
  /** The part of every batch that comes, of `batch` images. Default: the whole. */
  readonly part?: Part;
};

/**
 * Shuffled batches of one size. Each epoch visits each image at most once, in its own order.
 *
 * The next batch is gathered while the engine works on the current one. This happens as soon as the consumer yields to
 * the event loop, and at the latest when it asks for the batch.
 *
 * @param options The images, the batch size and the seed.
 * @throws {TypeError} if the data set's bytes are not as many as its shape says.
 * @throws {RangeError} if there is no image, or the batch is not a whole number in [1, count].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batches } from "@momentum-contrast/moco";
 *
 * const dataset = { name: "five", images: Uint8Array.of(0, 1, 2, 3, 4), count: 5, height: 1, width: 1, channels: 1 };
 * const { perEpoch, epoch } = batches({ dataset, batch: 2, seed: 7 });
 * assertEquals(perEpoch, 2);
 * const seen = [...epoch(0)].flatMap(({ images }) => [...images.dataSync()]);
 * assertEquals(new Set(seen).size, 4);
 * ```
 */
export function batches(
  { dataset, batch, seed, part = whole }: BatchesOptions,
): Batches<Generator<Batch, void, undefined>> {
  checkDataset(dataset);
  const { count, height, width, channels } = dataset;
  const together = batch * part.count;
  if (!Number.isInteger(batch) || batch < 1 || together > count) {
    const most = Math.floor(count / part.count);
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: expected a whole batch size in [1, ${most}], found ${batch}`,
    );
  }
  const perEpoch = Math.floor(count / together);
  return {
    size: batch,
    perEpoch,
    *epoch(epoch, from = 0) {
      if (!Number.isInteger(from) || from < 0 || from > perEpoch) {
        throw new RangeError(`Cannot begin an epoch: expected a batch in [0, ${perEpoch}], found ${from}`);
      }
      const order = epochOrder(seed, epoch, count);
      const places = (index: number): Uint32Array =>
        order.subarray(index * together, (index + 1) * together).filter((_, i) => i % part.count === part.index);
      const images = (index: number) => {
        const bytes = gather(dataset, places(index));
        return { bytes, identical: identicalShare(fingerprints(bytes, batch)) };
      };
      let ahead = lookAhead(() => images(from));
      try {
        for (let index = from; index < perEpoch; index++) {
          const { bytes, identical } = ahead.take();
          if (index + 1 < perEpoch) ahead = lookAhead(() => images(index + 1));
          yield {
            images: fromBytes(bytes, [batch, height, width, channels]),
            index: tf.tensor1d(Int32Array.from(places(index)), "int32"),
            identical: tf.scalar(identical),
          };
        }
      } finally {
        ahead.cancel();
      }
    },
  };
}

/** The fingerprint of each of some images, whose pixels lie one after another. */
function fingerprints(bytes: Uint8Array, count: number): readonly number[] {
  const size = bytes.length / count;
  return Array.from({ length: count }, (_, image) => fingerprint(bytes.subarray(image * size, (image + 1) * size)));
}

/** A value that is made when the event loop is next free or when it is taken, whichever comes first. */
function lookAhead<T>(make: () => T): { readonly take: () => T; readonly cancel: () => void } {
  let made: { readonly value: T } | undefined;
  const timer = setImmediate(() => {
    made = { value: make() };
  });
  const cancel = () => clearImmediate(timer);
  return {
    take: () => {
      cancel();
      return (made ?? { value: make() }).value;
    },
    cancel,
  };
}

/**
 * All images of a data set in order; the last batch holds the remainder.
 *
 * @param dataset The images.
 * @param batch The greatest number of images in a batch.
 * @returns uint8 [N, height, width, channels] each. Whoever takes one frees it.
 * @throws {TypeError} if the data set's bytes are not as many as its shape says.
 * @throws {RangeError} if there is no image, or the batch is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchesInOrder } from "@momentum-contrast/moco";
 *
 * const dataset = { name: "three", images: Uint8Array.of(7, 8, 9), count: 3, height: 1, width: 1, channels: 1 };
 * assertEquals([...batchesInOrder(dataset, 2)].map((batch) => [...batch.dataSync()]), [[7, 8], [9]]);
 * ```
 */
export function batchesInOrder(dataset: Dataset, batch: number): Generator<Tensor, void, undefined> {
  checkDataset(dataset);
  checkNumbers(`make batches of ${dataset.name}`, { batch: [batch, wholeFromOne] });
  return inOrder(dataset, batch);
}

function* inOrder({ images, count, height, width, channels }: Dataset, batch: number): Generator<Tensor, void> {
  const size = height * width * channels;
  for (let first = 0; first < count; first += batch) {
    const rows = Math.min(batch, count - first);
    yield fromBytes(images.subarray(first * size, (first + rows) * size), [rows, height, width, channels]);
  }
}

function checkDataset({ name, images, count, height, width, channels, labels }: Dataset): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot make batches of ${name}: expected at least 1 image, found ${count}`);
  }
  const expected = count * height * width * channels;
  if (images.length !== expected) {
    throw new TypeError(
      `Cannot make batches of ${name}: expected ${expected} bytes for [${[
        count,
        height,
        width,
        channels,
      ]}], found ${images.length}`,
    );
  }
  if (labels !== undefined && labels.length !== count) {
    throw new TypeError(`Cannot make batches of ${name}: expected ${count} labels, found ${labels.length}`);
  }
}
