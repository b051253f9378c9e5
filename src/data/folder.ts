/**
 * A folder of JPEG, PNG, BMP and GIF files.
 *
 * @module
 */
import { Either, type TaskEither } from "../core/either.ts";
import { basename } from "node:path";
import { decodeImage, imageFormat, type Pixels, resizeAndCrop } from "../engine/ops/mod.ts";
import { reasonOf } from "../core/reason.ts";
import { counted, type DataError } from "./errors.ts";
import { findImages, type FindOptions, type FoundImages, IMAGES } from "./find_images.ts";
import { limited } from "./select.ts";
import type { Dataset, SkippedImage, Split } from "./types.ts";

/** How a folder is read. */
export type FolderOptions = FindOptions & {
  /** Height and width of every image in memory, pixels. Default: see {@linkcode loadFolder}. */
  readonly size?: number;
  /** The height and width of the views that will be made, pixels. Default 224. */
  readonly viewSize?: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** The greatest number of images of each half. Default: all. */
  readonly limit?: number;
  /** What an image that cannot be read does. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
  /** Is told what a user should know. */
  readonly notify?: (message: string) => void;
};

/** Views are taken from images that are larger by this much: 256 for 224, as in the papers' evaluation. */
const MARGIN = 8 / 7;

/** Images whose size is looked at before the rest is read. */
const SAMPLE = 32;

/** Files that are read at the same time. */
const CONCURRENT = 64;

/** Milliseconds between two lines of progress. */
const QUIET = 5000;

/**
 * The images of a folder and its subfolders, in halves and with labels as {@linkcode findImages} finds them.
 *
 * What a file holds is told by its first bytes, not by its name. Every image becomes a square: its shorter side is
 * brought to `size`, the rest of the longer one is cut off at both ends. Without a `size`, images that are squares of one
 * size up to twice the views' stay as they are; others take 8/7 of the views' size. The images stay in memory as bytes,
 * `size * size * channels` each.
 *
 * @param path The folder.
 * @param options The size, the limit, and what an unreadable image does.
 */
export function loadFolder(path: string, options: FolderOptions = {}): TaskEither<DataError, Split> {
  return async () => {
    const found = await findImages(path, options)();
    if (Either.isLeft(found)) return found;
    const { train: trainFiles, test: testFiles, classes, notices } = found.right;
    const { notify = () => {} } = options;
    notices.forEach(notify);
    const name = basename(path) || path;
    const read = (files: FoundImages, size: number | undefined) =>
      readImages(name, files, classes, { ...options, notify, ...size === undefined ? {} : { size } });
    const train = await read(trainFiles, options.size);
    if (Either.isLeft(train)) return train;
    if (testFiles === undefined) return Either.right({ train: train.right });
    const test = await read(testFiles, train.right.height);
    return Either.isLeft(test) ? test : Either.right({ train: train.right, test: test.right });
  };
}

async function readImages(
  name: string,
  found: FoundImages,
  classes: readonly string[] | undefined,
  options: FolderOptions & { readonly notify: (message: string) => void },
): Promise<Either<DataError, Dataset>> {
  const { channels = 3, onUnreadable = "skip", notify, limit, viewSize = 224 } = options;
  const { files, labels: labelsOfAll } = found;
  const places = limited(files.length, limit ?? Math.max(1, files.length), labelsOfAll);
  const chosen = places.map((place) => files[place]);
  const skipped: SkippedImage[] = [];
  const decode = (path: string, file: Either<string, Uint8Array>): Either<SkippedImage, Pixels> => {
    if (Either.isLeft(file)) return Either.left({ path, reason: file.left });
    if (imageFormat(file.right) === undefined) {
      const found = file.right.length === 0 ? "an empty file" : "something else";
      return Either.left({ path, reason: `expected a JPEG, PNG, BMP or GIF, found ${found}` });
    }
    try {
      return Either.right(decodeImage(file.right, channels));
    } catch (thrown) {
      return Either.left({ path, reason: decodingReason(thrown) });
    }
  };

  const size = options.size ?? await ownSize(chosen, decode) ?? Math.round(viewSize * MARGIN);
  const pixels = size * size * channels;
  const bytes = chosen.length * pixels;
  let images: Uint8Array;
  try {
    images = new Uint8Array(bytes);
  } catch {
    return Either.left({ _tag: "TooManyPixels", path: found.path, count: chosen.length, size, bytes });
  }
  const labels = new Int32Array(chosen.length);
  let count = 0;
  let told = performance.now();
  for await (const { index, file } of readAhead(chosen)) {
    const path = chosen[index];
    const image = decode(path, file);
    if (Either.isLeft(image)) {
      if (onUnreadable === "stop") return Either.left({ _tag: "UnreadableImage", ...image.left });
      skipped.push(image.left);
      continue;
    }
    images.set(resizeAndCrop(image.right, size), count * pixels);
    labels[count++] = labelsOfAll?.[places[index]] ?? 0;
    if (performance.now() - told > QUIET) {
      told = performance.now();
      notify(`Reading images: ${(index + 1).toLocaleString("en")} of ${chosen.length.toLocaleString("en")}`);
    }
  }
  if (count === 0) {
    return Either.left({ _tag: "NoImages", path: found.path, expected: IMAGES, leftOut: [], unreadable: skipped });
  }
  report(skipped, chosen.length, notify);
  return Either.right({
    name,
    images: images.subarray(0, count * pixels),
    count,
    height: size,
    width: size,
    channels,
    ...labelsOfAll === undefined ? {} : { labels: labels.subarray(0, count), classes },
    ...skipped.length > 0 ? { skipped } : {},
  });
}

/** How many skipped images are named one by one. */
const NAMED = 5;

function report(skipped: readonly SkippedImage[], of: number, notify: (message: string) => void): void {
  for (const { path, reason } of skipped.slice(0, NAMED)) notify(`Skipped ${path}: ${reason}`);
  if (skipped.length > 0) {
    notify(`Skipped ${counted(skipped.length, "unreadable image")} of ${of.toLocaleString("en")}`);
  }
}

/** The size that a sample of the images has, if they all are squares of one size. */
async function ownSize(
  paths: readonly string[],
  decode: (path: string, file: Either<string, Uint8Array>) => Either<SkippedImage, Pixels>,
): Promise<number | undefined> {
  const every = Math.max(1, Math.floor(paths.length / SAMPLE));
  const sample = paths.filter((_, index) => index % every === 0);
  const sizes = new Set<number>();
  for await (const { index, file } of readAhead(sample)) {
    const image = decode(sample[index], file);
    if (Either.isLeft(image)) continue;
    if (image.right.height !== image.right.width) return undefined;
    sizes.add(image.right.height);
  }
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

/** The files in order; while one group of them is used, the next is read. */
async function* readAhead(
  paths: readonly string[],
): AsyncGenerator<{ readonly index: number; readonly file: Either<string, Uint8Array> }> {
  const group = (first: number) => Promise.all(paths.slice(first, first + CONCURRENT).map(readFile));
  let next = group(0);
  for (let first = 0; first < paths.length; first += CONCURRENT) {
    const files = await next;
    if (first + CONCURRENT < paths.length) next = group(first + CONCURRENT);
    for (const [offset, file] of files.entries()) yield { index: first + offset, file };
  }
}

async function readFile(path: string): Promise<Either<string, Uint8Array>> {
  try {
    return Either.right(await Deno.readFile(path));
  } catch (thrown) {
    return Either.left(reasonOf(thrown));
  }
}

/** What the decoder says, without the engine's words around it. */
function decodingReason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return `damaged or not supported (${text.replace(/^Cannot run \w+ on \([^)]*\): /, "").split("\n")[0]})`;
}
