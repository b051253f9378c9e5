/**
 * The thread that reads and decodes images.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { imageBytes } from "../data/image_bytes.ts";
import { placeOf } from "../data/image_source.ts";
import { centralView } from "../data/placement.ts";
import { planImage } from "../data/planned_image.ts";
import { type Dataset, type ImageFiles, isInFiles } from "../data/types.ts";
import { type ViewStream, viewStream } from "../data/view_stream.ts";
import { fromBytes } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import type { ImagePlace } from "./image_place.ts";
import { typeOf } from "./image_type.ts";
import { oneImage } from "./one_image.ts";
import { answering } from "./thread.ts";

/** A picture that is wanted. */
export type PictureQuestion = {
  readonly place: ImagePlace;
  /** Rows and columns where it has to be decoded, pixels. */
  readonly size: number;
  /** An image of a shard is given as it is if it has at most this many bytes. */
  readonly most: number;
};

/**
 * The image itself if it lies in a shard and is small enough. Otherwise a PNG of the central square, or of the whole
 * image if it is in memory.
 */
async function picture({ place, size, most }: PictureQuestion): Promise<Uint8Array> {
  const image = await oneImage(place, { size, channels: 3 }).catch((thrown: Error) => {
    throw new Error(`Cannot show the image: ${thrown.message}`);
  });
  if (!isInFiles(image)) return pngOf(image);
  if (place.kind !== "file" && image.parts?.[0] !== undefined && image.parts[0].length <= most) {
    const bytes = await imageBytes(placeOf(image, 0));
    if (typeOf(bytes) !== undefined) return bytes;
  }
  return centralSquare(image, size);
}

function pngOf({ images, height, width, channels }: Dataset): Uint8Array {
  const pixels = fromBytes(images, [height, width, channels]);
  try {
    return encodePng(pixels);
  } finally {
    dispose(pixels);
  }
}

const streams = new Map<number, ViewStream>();

function centralSquare(image: ImageFiles, size: number): Uint8Array {
  const placements = (height: number, width: number) => [centralView(height, width, size, size)];
  const planned = planImage(placeOf(image, 0), placements, size, image);
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

answering(picture);
