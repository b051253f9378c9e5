/**
 * Images that are read one by one, as they are needed.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { firstGifFrame, firstWebpFrame } from "./first_frame.ts";
import { type ImageHeader, imageHeader } from "./image_header.ts";
import { type ReadAt, readerOfFile } from "./read_at.ts";

/** Image files. */
export type ImageSource = {
  /** The name used for results. */
  readonly name: string;
  /** The paths, in order. */
  readonly paths: readonly string[];
};

/** Limits on an image. */
export type ImageLimits = {
  /**
   * The most pixels that an image may have. For a WebP, and for an image with transparency or 16 bits, each counts as
   * four. Default 2^26, 67 million.
   */
  readonly pixels?: number;
  /** The most bytes a file may have. Default 2^28, 256 MiB. */
  readonly bytes?: number;
};

/** An image whose header was read. */
export type OpenedImage = {
  readonly header: ImageHeader;
  /** Its file's bytes, if TensorFlow is not to read the file itself. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
};

const defaults = { pixels: 2 ** 26, bytes: 2 ** 28 };

/**
 * Inspects an image: whether it is a file, how large it is, and what its header says. Nothing is decoded.
 *
 * @param path The file.
 * @param limits The limits on the image.
 * @returns Right the image, or left why it cannot be used: what was expected and what was found.
 */
export function openImage(path: string, limits: ImageLimits = {}): Either<string, OpenedImage> {
  const { pixels, bytes } = { ...defaults, ...limits };
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) return Either.left("expected a file, found something else"); // a pipe would wait for its writer
    if (size > bytes) return Either.left(`expected at most ${inWords(bytes)} bytes, found ${inWords(size)}`);
    using file = Deno.openSync(path);
    return opened(readerOfFile(file), pixels);
  } catch (thrown) {
    return Either.left(reasonOf(thrown));
  }
}

function opened(read: ReadAt, most: number): Either<string, OpenedImage> {
  const header = imageHeader(read);
  if (Either.isLeft(header)) return header;
  const { encoding, height, width, frame } = header.right;
  const isCostly = encoding === "png-16" || encoding === "png-alpha" || encoding === "webp";
  if (height * width * (isCostly ? 4 : 1) > most) {
    const found = `${width}x${height}${isCostly ? ", of which each counts as four" : ""}`;
    return Either.left(`expected at most ${inWords(most)} pixels, found ${found}`);
  }
  if (encoding === "gif") return Either.right({ header: header.right, bytes: firstGifFrame(read) });
  return Either.right({ header: header.right, ...frame === undefined ? {} : { bytes: firstWebpFrame(read, frame) } });
}

function inWords(count: number): string {
  return count.toLocaleString("en");
}
