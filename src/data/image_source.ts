/**
 * Images that are read one by one, as they are needed.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { fingerprint } from "./fingerprint.ts";
import { firstGifFrame, firstWebpFrame } from "./first_frame.ts";
import { convertedFile } from "./converted_file.ts";
import { convertedFormat } from "./converted_format.ts";
import { type Reading, STL10_SIDE } from "../engine/ops/mod.ts";
import { type ImageHeader, imageHeader, type Span } from "./image_header.ts";
import { PAGE, type ReadAt, readerOfFile, within } from "./read_at.ts";
import { isIntact, RECORD_HEAD } from "./tfrecord.ts";

/** Image files. */
export type ImageSource = {
  /** The name used for results. */
  readonly name: string;
  /** The paths, in order. An image that is part of a larger file has a path that names both. */
  readonly paths: readonly string[];
  /** For each image, where it lies in a larger file; undefined for a file of its own. Absent if all are such files. */
  readonly parts?: readonly (ImagePart | undefined)[];
  /** For each image, the smaller copy that is read in its place; undefined where there is none. */
  readonly copies?: readonly (string | undefined)[];
};

/** Where an image lies in a larger file. */
export type ImagePart = {
  /** The path of the larger file. */
  readonly file: string;
  /** Where the image begins, bytes. */
  readonly start: number;
  /** The size of the image, bytes. */
  readonly length: number;
  /** Where the TFRecord that holds the image begins, bytes. */
  readonly record?: number;
  /** How the image is stored, if it has no header. */
  readonly format?: "stl-10";
};

/** The path of an image file, or where an image lies in a larger one. */
export type ImagePlace = string | ImagePart;

/** What is read for an image of a source. */
export function placeOf(
  { paths, parts, copies }: Pick<ImageSource, "paths" | "parts" | "copies">,
  image: number,
): ImagePlace {
  return copies?.[image] ?? parts?.[image] ?? paths[image];
}

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
  /** The path for TensorFlow to read, or the bytes themselves. */
  readonly source: string | Uint8Array<ArrayBuffer>;
  /** Where the bytes are in it. */
  readonly reading: Reading;
  /** All bytes of the image as it is stored, if they were read. */
  readonly contents?: Uint8Array<ArrayBuffer>;
  /** Equal files have equal ones. */
  readonly fingerprint: number;
};

const defaults = { pixels: 2 ** 26, bytes: 2 ** 28 };

/**
 * Inspects an image: whether it is a file, how large it is, and what its header says. Nothing is decoded.
 *
 * @param place The file, or the image's place in a larger one.
 * @param limits The limits on the image.
 * @param wanted "header": an image that is not read with its header is left for later.
 * @returns Right the image, or left why it cannot be used: what was expected and what was found.
 */
export function openImage(
  place: ImagePlace,
  limits: ImageLimits = {},
  wanted: "header" | "image" = "image",
): Either<string, OpenedImage> {
  const { pixels, bytes } = { ...defaults, ...limits };
  const path = typeof place === "string" ? place : place.file;
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) return Either.left("expected a file, found something else"); // a pipe would wait for its writer
    const { start, length, format, record }: Partial<ImagePart> & Span = typeof place === "string"
      ? { start: 0, length: size }
      : place;
    if (length > bytes) return Either.left(`expected at most ${inWords(bytes)} bytes, found ${inWords(length)}`);
    if (start + length > size) {
      return Either.left(`expected at least ${inWords(start + length)} bytes in ${path}, found ${inWords(size)}`);
    }
    using file = Deno.openSync(path);
    const whole = readerOfFile(file, size);
    const read = within(whole, start, length);
    /** Verifies the record of an image that is read here. TensorFlow verifies those that it reads. */
    const verify = (): void => {
      if (record === undefined || isIntact(whole, record)) return;
      throw new RangeError("expected a TFRecord with the checksum that it states, found another one");
    };
    if (format === undefined && convertedFormat(read(0, 12)) !== undefined) {
      const bytes = () => {
        verify();
        return read(0, length);
      };
      const png = convertedFile({ file: path, start, length }, bytes, pixels);
      return pipe(
        png,
        Either.flatMap((png) => openImage(png, limits, wanted)),
        Either.map(({ contents: _, ...opened }): OpenedImage => opened), // which are those of the PNG
      );
    }
    const found = format === undefined ? imageHeader(read) : Either.right(headers[format]);
    if (Either.isLeft(found)) return found;
    const header = found.right;
    const refusal = tooLarge(header, pixels);
    if (refusal !== undefined) return Either.left(refusal);
    const image = { header, fingerprint: fingerprint(read(Math.floor(length / 2), MIDDLE), length) };
    const frame = firstFrame(header, read);
    const used = Math.min(header.end ?? length, length); // TensorFlow expects nothing after a BMP's pixels
    const most = typeof place === "string" ? PAGE : record === undefined ? PART : SMALL;
    if (frame === undefined && (length > most || (wanted === "header" && length > PAGE))) {
      return Either.right({ ...image, source: path, reading: readingOf(place, size, used) });
    }
    verify();
    if (frame !== undefined) return Either.right({ ...image, source: frame, reading: { from: "memory" } });
    const contents = read(0, length);
    return Either.right({
      ...{ ...image, source: contents.subarray(0, used), reading: { from: "memory" } },
      ...length <= SMALL ? { contents } : {}, // what is larger is not held for whoever may want all of its bytes
    });
  } catch (thrown) {
    return Either.left(reasonOf(thrown));
  }
}

/** How much of the middle of a file decides whether it counts as the same as another, bytes. */
const MIDDLE = 4096;

/** What is known about images that have no header. */
const headers: Readonly<Record<NonNullable<ImagePart["format"]>, ImageHeader>> = {
  "stl-10": { encoding: "stl-10", height: STL10_SIDE, width: STL10_SIDE, orientation: 1 },
};

/**
 * The most bytes of a record that is read here, while its views are planned. TensorFlow's reader of records takes
 * milliseconds for each, which only large images are worth. Of files of their own, only those are read here that come
 * with the header.
 */
const SMALL = 2 ** 18;

/**
 * The same of a part of a file that is no record. TensorFlow's reader of parts reads all that comes before it, which
 * may be a gigabyte.
 */
const PART = 2 ** 21;

/** How the first bytes of an image are read, so many as are used, of a file of some size. */
function readingOf(place: ImagePlace, size: number, used: number): Reading {
  if (typeof place === "string" && used === size) return { from: "file" };
  const { start, record }: Pick<ImagePart, "start" | "record"> = typeof place === "string" ? { start: 0 } : place;
  return record === undefined
    ? { from: "part", start, length: used, after: size - start - used }
    : { from: "record", start: record, offset: start - record - RECORD_HEAD, length: used };
}

function tooLarge({ encoding, height, width }: ImageHeader, most: number): string | undefined {
  const isCostly = encoding === "png-16" || encoding === "png-alpha" || encoding === "webp";
  if (height * width * (isCostly ? 4 : 1) <= most) return undefined;
  const found = `${width}x${height}${isCostly ? ", of which each counts as four" : ""}`;
  return `expected at most ${inWords(most)} pixels, found ${found}`;
}

/** A file of only the first frame, if the image is an animation or may be one. */
function firstFrame({ encoding, frame }: ImageHeader, read: ReadAt): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === "gif") return firstGifFrame(read);
  return frame === undefined ? undefined : firstWebpFrame(read, frame);
}

function inWords(count: number): string {
  return count.toLocaleString("en");
}
