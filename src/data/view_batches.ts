/**
 * Batches of random views, cut from whole images while the training runs.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { scope } from "../core/scope.ts";
import { op, type Tensor, tf } from "../engine/mod.ts";
import { type BoxLaw, randomBox, viewDraws } from "./crop_box.ts";
import type { ImageSource } from "./image_source.ts";
import { below } from "./philox.ts";
import { resizedBox } from "./placement.ts";
import { epochOrder } from "./shuffle.ts";
import { planImage, type PlannedImage, type ReadOptions } from "./planned_image.ts";
import type { Batch, Batches, SkippedImage } from "./types.ts";
import type { Crops } from "../augment/types.ts";
import { decodingReason, UnusableImage } from "./unusable.ts";
import { viewStream } from "./view_stream.ts";

/** Batches of views, which depend on nothing but the images, the seed and the epoch. */
export type ViewBatches = Batches<Generator<Batch<Crops>, void, undefined>> & {
  /** The images that could not be used so far, by their places, and why. */
  readonly skipped: ReadonlyMap<number, SkippedImage>;
  /** Ends the work that is under way. */
  readonly close: () => void;
};

/** What {@linkcode viewBatches} makes batches of. */
export type ViewBatchesOptions = ReadOptions & {
  readonly source: ImageSource;
  /** Images a batch. */
  readonly batch: number;
  /** Decides the order and the boxes, together with the epoch. */
  readonly seed: number;
  /** Rows and columns of a view, pixels. */
  readonly size: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** How the boxes of the first and of the second view are drawn. */
  readonly boxes: readonly [BoxLaw, BoxLaw];
  /** This process's part of every batch: the `index`-th of `count` equal ones. `batch` is the size of the part. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** What an image does that cannot be used: "skip" puts another one into its place, "stop" throws. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
  /** Is told of every image that cannot be used, once. */
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** Images that are worked on at once. Default: TensorFlow finds the best number while it runs. */
  readonly threads?: number;
};

/** Batches that are planned before they are asked for: those that are computed, one that is filled, one that waits. */
const PLANNED = 4;

/** The number of the draws that replace images, among those of the views. */
const REPLACEMENT = 2 ** 32 - 1;

/** Images that are tried in one place before the source is given up. */
const MOST_TRIES = 1000;

/** A batch that is under way. */
type Planned = { readonly epoch: number; readonly batch: number; readonly rows: readonly Row[] };

/** An image in its place of a batch. */
type Row = PlannedImage & {
  /** The image's place in the source. */
  readonly image: number;
  /** The place in the order of the epoch. */
  readonly place: number;
  /** How many images were tried before it. */
  readonly tries: number;
};

/**
 * Shuffled batches of two random views of each image. Each epoch visits each image at most once, in an order of its own.
 * Files are read, decoded and cut in TensorFlow's threads; memory is that of the batches in flight, however many images
 * there are.
 *
 * The order and the boxes are plain numbers, pure functions of the seed, the epoch and the place in the epoch's order.
 * So the batches are the same bit for bit with any number of threads, from any batch on, and in any number of parts.
 *
 * An image that cannot be used is replaced by one that is drawn for its place, so every batch is full. Whether it can be
 * used depends on its file alone, so that a run which goes on elsewhere replaces the same images.
 *
 * @param options The images, the batch, the seed and the boxes.
 * @throws {RangeError} if the batch is not a whole number above 0, or there are fewer images than one batch of all parts.
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
  const { source, batch, seed, size, channels = 3, boxes, shard = { index: 0, count: 1 } } = options;
  const { name, paths } = source;
  const together = batch * shard.count;
  if (!Number.isInteger(batch) || batch < 1 || together > paths.length) {
    const most = Math.floor(paths.length / shard.count);
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

  /** The image in a place of an epoch: the one that the order says, or after `tries` others the one drawn for it. */
  const rowAt = (epoch: number, place: number, tries: number): Row => {
    const random = viewDraws(seed, epoch, place, REPLACEMENT);
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const image = attempt === 0 ? orderOf(epoch)[place] : below(paths.length, () => random() * 2 ** 32);
      if (attempt < tries || skipped.has(image)) continue;
      const planned = planImage(
        paths[image],
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
    const first = index * together + shard.index * batch;
    const rows = Array.from({ length: batch }, (_, row) => rowAt(epoch, first + row, 0));
    stream.put(rows);
    waiting.push({ epoch, batch: index, rows });
    next = index + 1 < perEpoch ? { epoch, batch: index + 1 } : { epoch: epoch + 1, batch: 0 };
  };

  /** A batch whose images are decoded one by one: those that cannot be are replaced. */
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
    views.flat().forEach((view) => view.dispose());
    return { views: stacked, rows: good };
  };

  /** The views of the batch that has waited longest. */
  const take = (): Batch<Crops> => {
    const planned = waiting.shift()!;
    const { views: [query, key], rows } = whole(planned);
    return { images: { query, key }, index: tf.tensor1d(rows.map(({ image }) => image), "int32") };
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
