/**
 * Batches of views, made by TensorFlow's threads while JavaScript does something else.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import {
  batched,
  elementFunction,
  type Elements,
  iterator,
  mapped,
  prefetched,
  queue,
  queued,
  quietNativeCode,
  type Spec,
} from "../engine/data/mod.ts";
import { scope } from "../core/scope.ts";
import type { PlannedImage } from "./planned_image.ts";
import { planLength, type ViewForm, viewsOf } from "./view_plan.ts";

/** A stream of batches, in the order in which their images were put in. */
export type ViewStream = {
  /** Puts the images of a batch in. Work begins when the very first batch is asked for. */
  readonly put: (images: readonly PlannedImage[]) => void;
  /**
   * The views of the next batch, uint8 [N, size, size, channels] for each view. The caller frees them.
   *
   * @throws {EngineError} if an image of it cannot be decoded. The stream goes on with the next batch.
   */
  readonly take: () => Tensor[];
  /** Says that nothing more will be put in. A last batch that is not full waits for this. */
  readonly end: () => void;
  /**
   * The views of each of some images by itself, without waiting for the stream. An image that has none gives its error.
   */
  readonly each: (images: readonly PlannedImage[]) => (Tensor[] | Error)[];
  /** Ends the work and frees what was not taken. */
  readonly close: () => void;
};

/** How a stream works. */
export type StreamOptions = ViewForm & {
  /** Images in a batch. */
  readonly batch: number;
  /** How many images are processed at once. Default: TensorFlow finds the best number while it runs. */
  readonly threads?: number;
};

/** How many batches are computed before they are asked for. */
const AHEAD = 2;

/**
 * Opens a stream. Its memory holds the batches in flight: one that is being filled, and two that wait to be taken.
 *
 * @param options The form of the views, the batch and the threads.
 */
export function viewStream(options: StreamOptions): ViewStream {
  quietNativeCode();
  const { batch, threads } = options;
  const components: Spec[] = [{ dtype: "string", shape: [] }, { dtype: "int32", shape: [planLength(options)] }];
  const form = `views ${options.views} ${options.size} ${options.channels}`;
  const views = elementFunction(form, components, ([source, plan]) => viewsOf(source, plan, options));
  const batches = line(components, (images) => prefetched(batched(mapped(images, views, threads), batch), AHEAD));
  let singles: Line | undefined; // which few streams need
  return {
    put: batches.put,
    take: () => {
      const views = batches.next();
      if (views === undefined) throw new RangeError("Cannot take a batch of views: expected one, found the end");
      return views;
    },
    end: batches.end,
    each: (images) => {
      singles ??= line(components, (images) => prefetched(mapped(images, views, threads), AHEAD));
      singles.put(images);
      return images.map(() => {
        try {
          return singles!.next()!;
        } catch (error) {
          return error as Error;
        }
      });
    },
    close: () => {
      batches.close();
      singles?.close();
    },
  };
}

/** A queue, the data set made from its elements, and an iterator over that. */
export type Line = {
  readonly put: (images: readonly PlannedImage[]) => void;
  readonly next: () => Tensor[] | undefined;
  readonly end: () => void;
  readonly close: () => void;
};

/**
 * Opens a line.
 *
 * @param components An image's source and the numbers of its plan.
 * @param made The data set that is made of the images.
 */
export function line(components: readonly Spec[], made: (images: Elements) => Elements): Line {
  const source = queue(components);
  const reader = iterator(made(queued(source)));
  return {
    put: (images) => scope(() => source.enqueue(asTensors(images))),
    next: reader.next,
    end: source.end,
    close: () => {
      source.end();
      reader.close();
      source.free();
    },
  };
}

function asTensors(images: readonly PlannedImage[]): Tensor[] {
  const utf8 = new TextEncoder();
  const sources = images.map(({ source }) => typeof source === "string" ? utf8.encode(source) : source);
  return [
    tf.tensor1d(sources as unknown as string[], "string"), // of bytes, as tfjs holds text too
    tf.tensor2d(images.flatMap(({ plan }) => plan), [images.length, images[0].plan.length], "int32"),
  ];
}
