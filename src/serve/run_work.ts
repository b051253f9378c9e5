/**
 * The thread that looks at what a run is trained on: its views, its queue, and its images.
 *
 * @module
 */
import type { Config } from "../config/types.ts";
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { imagesInOrder } from "../data/in_order.ts";
import { select } from "../data/select.ts";
import type { Dataset, ImageFiles } from "../data/types.ts";
import { encodePng } from "../engine/ops/mod.ts";
import { viewSheet } from "../run/augment.ts";
import { renderRunError } from "../run/errors.ts";
import { loadImages } from "../run/images.ts";
import { type Queue, queueOf } from "../run/watched/queue.ts";
import { remembered } from "./remembered.ts";
import { answering } from "./thread.ts";

/** What is wanted of a run: a picture of its views, its queue, or one of its training images. */
export type Wanted =
  | { readonly what: "views" }
  | { readonly what: "queue"; readonly folder: string }
  | { readonly what: "image"; readonly place: number };

/** What the thread is asked. */
export type RunQuestion = Wanted & { readonly config: Config };

/** A picture, a PNG, or a queue. */
export type RunResult = Uint8Array<ArrayBuffer> | Queue;

async function look(asked: RunQuestion): Promise<RunResult> {
  const { config } = asked;
  const train = await trainingImages(JSON.stringify(config.data) + config.augment.size, () => loaded(config));
  switch (asked.what) {
    case "views":
      return new Uint8Array(viewSheet(train, config, { images: 8 }));
    case "queue": {
      const found = await queueOf(asked.folder, config, train)();
      if (Either.isLeft(found)) throw new Error(found.left);
      return found.right;
    }
    case "image":
      return pictureOf(train, asked.place);
  }
}

function pictureOf(train: Dataset | ImageFiles, place: number): Uint8Array<ArrayBuffer> {
  if (!(place < train.count)) {
    throw new RangeError(`Cannot show image ${place}: expected a number below ${train.count}`);
  }
  for (const { images } of imagesInOrder(select(train, [place]), 1)) {
    const pixels = images.reshape(images.shape.slice(1));
    try {
      return new Uint8Array(encodePng(pixels));
    } finally {
      dispose({ images, pixels });
    }
  }
  throw new Error("Cannot show the image: its file is damaged, or gone");
}

/** The images of the configuration that was asked for last. */
const trainingImages = remembered<string, Dataset | ImageFiles>(1);

async function loaded(config: Config): Promise<Dataset | ImageFiles> {
  const { cache: _, ...data } = config.data as Config["data"] & { readonly cache?: string }; // nothing is written
  const found = await loadImages({ ...config, data: data as Config["data"] })();
  if (Either.isLeft(found)) throw new Error(renderRunError(found.left));
  return found.right.train;
}

answering(look);
