/**
 * Batches of random views, cut from whole images while the training runs.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { type Part, whole as wholeBatch } from "../core/devices.ts";
import { dispose, scope } from "../core/scope.ts";
import { op, type Tensor, tf } from "../engine/mod.ts";
import { type EpochImage, type EpochImages, epochImages, type RandomViews } from "./epoch_images.ts";
import { identicalShare } from "./fingerprint.ts";
import type { Batch, Batches, SkippedImage } from "./types.ts";
import type { Crops } from "../augment/types.ts";
import { decodingReason } from "./unusable.ts";
import { hasRoom } from "./planned_image.ts";
import { type ViewStream, viewStream } from "./view_stream.ts";

/** Batches of views, which depend only on the images, the seed and the epoch. */
export type ViewBatches = Batches<Generator<Batch<Crops>, void, undefined>> & {
  /** The images that could not be used so far, by place, and why. */
  readonly skipped: ReadonlyMap<number, SkippedImage>;
  /** Ends the work that is in progress. */
  readonly close: () => void;
};

/** What {@linkcode viewBatches} makes batches of. */
export type ViewBatchesOptions = RandomViews & {
  /** Images in a batch. */
  readonly batch: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** The part of every batch that comes, of `batch` images. Default: the whole. */
  readonly part?: Part;
  /** How many images are processed at once. Default: TensorFlow finds the best number while it runs. */
  readonly threads?: number;
};

/** A batch in progress. */
type Planned = { readonly epoch: number; readonly batch: number; readonly rows: readonly EpochImage[] };

/** The two views of each of some images, uint8 [N, size, size, channels] for each view. */
type Views = { readonly views: Tensor[]; readonly rows: readonly EpochImage[] };

/**
 * Shuffled batches of two random views of each image. Each epoch visits each image at most once, in its own order.
 * Files are read, decoded and cropped in TensorFlow's threads. Only the batches in flight take memory, however many
 * images there are.
 *
 * The order and the boxes are plain numbers, pure functions of the seed, the epoch and the place in the epoch's order.
 * So the batches are the same bit for bit with any number of threads, from any starting batch, and in any number of
 * parts.
 *
 * An image that cannot be used is replaced by one that is drawn for its place, so every batch is full. Whether an image
 * can be used depends only on its file, so a run that is resumed elsewhere replaces the same images.
 *
 * @param options The images, the batch, the seed and the boxes.
 * @throws {RangeError} if the batch is not a whole number above 0, or there are fewer images than one batch of all
 *   parts.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { UnusableImage, viewBatches } from "@momentum-contrast/moco";
 *
 * const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
 * const source = { name: "two", paths: ["/no/such/a.jpg", "/no/such/b.jpg"] };
 * const batches = viewBatches({ source, batch: 2, seed: 0, size: 224, boxes: [law, law] });
 * assertEquals(batches.perEpoch, 1);
 * assertThrows(() => [...batches.epoch(0)], UnusableImage);
 * batches.close();
 * ```
 */
export function viewBatches(options: ViewBatchesOptions): ViewBatches {
  const { source: { paths }, batch, size, channels = 3, part = wholeBatch, threads } = options;
  const together = batch * part.count;
  if (!Number.isInteger(batch) || batch < 1 || together > paths.length) throw badBatch(options);
  const perEpoch = Math.floor(paths.length / together);
  const images = epochImages(options);
  const stream = viewStream({ views: 2, size, channels, batch, threads });
  const waiting: Planned[] = [];
  let next = { epoch: 0, batch: 0 };

  const plan = (): void => {
    const { epoch, batch: index } = next;
    const first = index * together + part.index;
    const rows = Array.from({ length: batch }, (_, row) => images.at(epoch, first + row * part.count));
    stream.put(rows);
    waiting.push({ epoch, batch: index, rows });
    next = index + 1 < perEpoch ? { epoch, batch: index + 1 } : { epoch: epoch + 1, batch: 0 };
  };
  /** The batch that has waited longest. */
  const take = (): Batch<Crops> => batchOf(viewsOf(waiting.shift()!, stream, images));

  return {
    size: batch,
    perEpoch,
    skipped: images.skipped,
    *epoch(epoch, from = 0) {
      for (let index = from; index < perEpoch; index++) {
        const first = waiting[0] ?? next;
        if (first.epoch !== epoch || first.batch !== index) {
          while (waiting.length > 0) scope(() => void take());
          next = { epoch, batch: index };
        }
        while (hasRoom(waiting)) plan();
        yield take();
      }
    },
    close: stream.close,
  };
}

function badBatch({ source: { name, paths }, batch, part = wholeBatch }: ViewBatchesOptions): RangeError {
  const most = Math.floor(paths.length / part.count);
  return new RangeError(`Cannot make batches of ${name}: expected a whole batch size in [1, ${most}], found ${batch}`);
}

/** The views of the batch that comes out of the stream next. */
function viewsOf(planned: Planned, stream: ViewStream, images: EpochImages): Views {
  const whole = Either.tryCatch(stream.take, (thrown) => thrown);
  return Either.isRight(whole) ? { views: whole.right, rows: planned.rows } : repaired(planned, stream, images);
}

/** The views of a batch whose images are decoded one by one. Those that cannot be decoded are replaced. */
function repaired({ epoch, rows }: Planned, stream: ViewStream, images: EpochImages): Views {
  const good = [...rows];
  const views: Tensor[][] = [];
  for (let left = rows.map((_, row) => row); left.length > 0;) {
    const results = stream.each(left.map((row) => good[row]));
    left = left.filter((row, at) => {
      const result = results[at];
      if (!(result instanceof Error)) {
        views[row] = result;
        return false;
      }
      const { image, place, tries } = good[row];
      images.skip(image, decodingReason(result));
      good[row] = images.at(epoch, place, tries + 1);
      return true;
    });
  }
  const stacked = [0, 1].map((view) => op("Pack", [views.map((each) => each[view])], { axis: 0 })[0]);
  views.flat().forEach(dispose);
  return { views: stacked, rows: good };
}

function batchOf({ views: [query, key], rows }: Views): Batch<Crops> {
  return {
    images: { query, key },
    index: tf.tensor1d(rows.map(({ image }) => image), "int32"),
    identical: tf.scalar(identicalShare(rows.map(({ fingerprint }) => fingerprint))),
  };
}
