/**
 * Batches of random views, cut from whole images while the training runs.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { type Part, whole as wholeBatch } from "../core/devices.ts";
import { dispose, scope } from "../core/scope.ts";
import { op, type Tensor, tf } from "../engine/mod.ts";
import { type BoxLaw, randomBox, viewDraws } from "./crop_box.ts";
import { identicalShare } from "./fingerprint.ts";
import { type ImageSource, placeOf } from "./image_source.ts";
import { below } from "./philox.ts";
import { resizedBox } from "./placement.ts";
import { epochOrder } from "./shuffle.ts";
import { planImage, type ReadOptions, type SizedImage } from "./planned_image.ts";
import type { Batch, Batches, SkippedImage } from "./types.ts";
import type { Crops } from "../augment/types.ts";
import { decodingReason, UnusableImage } from "./unusable.ts";
import { viewStream } from "./view_stream.ts";

/** Batches of views, which depend only on the images, the seed and the epoch. */
export type ViewBatches = Batches<Generator<Batch<Crops>, void, undefined>> & {
  /** The images that could not be used so far, by place, and why. */
  readonly skipped: ReadonlyMap<number, SkippedImage>;
  /** Ends the work that is in progress. */
  readonly close: () => void;
};

/** What {@linkcode viewBatches} makes batches of. */
export type ViewBatchesOptions = ReadOptions & {
  readonly source: ImageSource;
  /** Images in a batch. */
  readonly batch: number;
  /** Determines the order and the boxes, together with the epoch. */
  readonly seed: number;
  /** Rows and columns of a view, pixels. */
  readonly size: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** How the boxes of the first and of the second view are drawn. */
  readonly boxes: readonly [BoxLaw, BoxLaw];
  /** The part of every batch that comes, of `batch` images. Default: the whole. */
  readonly part?: Part;
  /**
   * What happens to an image that cannot be used: "skip" replaces it with another one, "stop" throws. Default "skip".
   */
  readonly onUnreadable?: "skip" | "stop";
  /** Called once for every image that cannot be used. */
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** How many images are processed at once. Default: TensorFlow finds the best number while it runs. */
  readonly threads?: number;
};

/** How many batches are planned before they are asked for: those being computed, one being filled, one waiting. */
const PLANNED = 4;

/** The number that keeps the draws for replacement images apart from those for the views. */
const REPLACEMENT = 2 ** 32 - 1;

/** How many images are tried for one place before the source is given up. */
const MOST_TRIES = 1000;

/** A batch in progress. */
type Planned = { readonly epoch: number; readonly batch: number; readonly rows: readonly Row[] };

/** An image at its place in a batch. */
type Row = SizedImage & {
  /** The image's place in the source. */
  readonly image: number;
  /** The place in the epoch's order. */
  readonly place: number;
  /** How many images were tried before it. */
  readonly tries: number;
};

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
  const { source, batch, seed, size, channels = 3, boxes, part = wholeBatch } = options;
  const { name, paths } = source;
  const together = batch * part.count;
  if (!Number.isInteger(batch) || batch < 1 || together > paths.length) {
    const most = Math.floor(paths.length / part.count);
    throw new RangeError(
      `Cannot make batches of ${name}: expected a whole batch size in [1, ${most}], found ${batch}`,
    );
  }
  const perEpoch = Math.floor(paths.length / together);
  const skipped = new Map<number, SkippedImage>();
  const stream = viewStream({ views: 2, size, channels, batch, threads: options.threads });
  const waiting: Planned[] = [];
  let next = { epoch: 0, batch: 0 };
  let known: { readonly epoch: number; readonly order: Uint32Array } | undefined;

  const orderOf = (epoch: number): Uint32Array => {
    if (known?.epoch !== epoch) known = { epoch, order: epochOrder(seed, epoch, paths.length) };
    return known.order;
  };
  const skip = (image: number, reason: string): void => {
    const found = { path: paths[image], reason };
    if (options.onUnreadable === "stop") throw new UnusableImage(found);
    if (!skipped.has(image)) options.onSkip?.(found);
    skipped.set(image, found);
  };

  /**
   * The image at a place of an epoch: the one given by the order, or after `tries` others the one drawn for that place.
   */
  const rowAt = (epoch: number, place: number, tries: number): Row => {
    const random = viewDraws(seed, epoch, place, REPLACEMENT);
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const image = attempt === 0 ? orderOf(epoch)[place] : below(paths.length, () => random() * 2 ** 32);
      if (attempt < tries || skipped.has(image)) continue;
      const planned = planImage(
        placeOf(source, image),
        (height, width) =>
          boxes.map((law, view) =>
            resizedBox(randomBox(height, width, law, viewDraws(seed, epoch, place, view)), size)
          ),
        size,
        options,
      );
      if (Either.isRight(planned)) return { ...planned.right, image, place, tries: attempt };
      skip(image, planned.left);
    }
    const [{ path, reason }] = skipped.values();
    throw new UnusableImage({ path, reason: `${reason}. None of ${MOST_TRIES} images that were tried can be used` });
  };

  const plan = (): void => {
    const { epoch, batch: index } = next;
    const first = index * together + part.index;
    const rows = Array.from({ length: batch }, (_, row) => rowAt(epoch, first + row * part.count, 0));
    stream.put(rows);
    waiting.push({ epoch, batch: index, rows });
    next = index + 1 < perEpoch ? { epoch, batch: index + 1 } : { epoch: epoch + 1, batch: 0 };
  };

  /** A batch whose images are decoded one by one; those that cannot be decoded are replaced. */
  const repaired = ({ epoch, rows }: Planned): { readonly views: Tensor[]; readonly rows: readonly Row[] } => {
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
        skip(good[row].image, decodingReason(result));
        good[row] = rowAt(epoch, good[row].place, good[row].tries + 1);
        return true;
      });
    }
    const stacked = [0, 1].map((view) => op("Pack", [views.map((each) => each[view])], { axis: 0 })[0]);
    views.flat().forEach(dispose);
    return { views: stacked, rows: good };
  };

  /** The views of the batch that has waited longest. */
  const take = (): Batch<Crops> => {
    const planned = waiting.shift()!;
    const { views: [query, key], rows } = whole(planned);
    return {
      images: { query, key },
      index: tf.tensor1d(rows.map(({ image }) => image), "int32"),
      identical: tf.scalar(identicalShare(rows.map(({ fingerprint }) => fingerprint))),
    };
  };
  const whole = (planned: Planned): { readonly views: Tensor[]; readonly rows: readonly Row[] } => {
    let views: Tensor[];
    try {
      views = stream.take();
    } catch {
      return repaired(planned);
    }
    return { views, rows: planned.rows };
  };

  return {
    size: batch,
    perEpoch,
    skipped,
    *epoch(epoch, from = 0) {
      for (let index = from; index < perEpoch; index++) {
        const first = waiting[0] ?? next;
        if (first.epoch !== epoch || first.batch !== index) {
          while (waiting.length > 0) scope(() => void take());
          next = { epoch, batch: index };
        }
        while (waiting.length < PLANNED) plan();
        yield take();
      }
    },
    close: stream.close,
  };
}
