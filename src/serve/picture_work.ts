/**
 * The thread that decodes images.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { renderDataError } from "../data/errors.ts";
import { centralView } from "../data/placement.ts";
import { planImage } from "../data/planned_image.ts";
import { isInFiles, type Split } from "../data/types.ts";
import { type ViewStream, viewStream } from "../data/view_stream.ts";
import { fromBytes } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import { datasetOf } from "../run/pictures.ts";
import type { CollectionSource } from "../search/collection/types.ts";
import { answering } from "./thread.ts";

/** A picture that is wanted: of a file, or of an image of a data set in memory. */
export type PictureQuestion =
  | { readonly file: string; readonly size: number }
  | { readonly source: CollectionSource; readonly half: "train" | "test"; readonly place: number };

/** The central square of a file, or the whole of an image in memory, as a PNG. */
async function picture(asked: PictureQuestion): Promise<Uint8Array> {
  if ("file" in asked) return thumbnail(asked.file, asked.size);
  const data = (await splitOf(asked.source))[asked.half];
  if (data === undefined || isInFiles(data) || !(asked.place < data.count)) {
    throw new RangeError(`Cannot show the image: expected one of ${data?.count ?? 0}, found number ${asked.place}`);
  }
  const { height, width, channels, images } = data;
  const length = height * width * channels;
  const pixels = fromBytes(images.slice(asked.place * length, (asked.place + 1) * length), [height, width, channels]);
  try {
    return encodePng(pixels);
  } finally {
    dispose(pixels);
  }
}

const streams = new Map<number, ViewStream>();

function thumbnail(file: string, size: number): Uint8Array {
  const placements = (height: number, width: number) => [centralView(height, width, size, size)];
  const planned = planImage(file, placements, size, { recover: true });
  if (Either.isLeft(planned)) throw new Error(`Cannot show the image: ${planned.left}`);
  const stream = streams.get(size) ?? viewStream({ views: 1, size, channels: 3, batch: 1, threads: 1 });
  streams.set(size, stream);
  const [made] = stream.each([planned.right]);
  if (made instanceof Error) throw new Error("Cannot show the image: its file is damaged");
  try {
    return encodePng(made[0].reshape([size, size, 3]));
  } finally {
    for (const view of made) dispose(view);
  }
}

const splits = new Map<number, Promise<Split>>();

function splitOf(source: CollectionSource): Promise<Split> {
  const known = splits.get(source.id) ?? loaded(source);
  splits.set(source.id, known);
  return known;
}

async function loaded(source: CollectionSource): Promise<Split> {
  const found = await datasetOf(source, () => {})();
  if (Either.isLeft(found)) throw new Error(renderDataError(found.left));
  return found.right;
}

answering(picture);
