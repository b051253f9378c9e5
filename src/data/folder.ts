/**
 * A folder of JPEG, PNG, BMP and GIF files.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import type { TaskEither } from "../core/either.ts";
import { basename, join } from "node:path";
import { decodeImage, imageFormat, type Pixels, resizeAndCrop } from "../engine/ops/mod.ts";
import { reasonOf } from "../core/reason.ts";
import { counted, type DataError, type UnreadablePath } from "./errors.ts";
import { hasFolder, isFolder } from "./files.ts";
import { type ImageList, listImages } from "./image_list.ts";
import { limited } from "./select.ts";
import type { Dataset, SkippedImage, Split } from "./types.ts";

/** How a folder is read. */
export type FolderOptions = {
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

/** Names under which held-out images are looked for beside `train`. */
const TEST_FOLDERS = ["test", "val", "validation"];

/** Views are taken from images that are larger by this much: 256 for 224, as in the papers' evaluation. */
const MARGIN = 8 / 7;

/** Images whose size is looked at before the rest is read. */
const SAMPLE = 32;

/** Files that are read at the same time. */
const CONCURRENT = 64;

/** Milliseconds between two lines of progress. */
const QUIET = 5000;

/**
 * The images of a folder and its subfolders, sorted by path. With subfolders `train` and `test` (or `val`), these are
 * the two halves. Where every image lies in a subfolder and there are two or more of these, they are its classes.
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
    const folder = await isFolder(path);
    if (Either.isLeft(folder)) return folder;
    if (!folder.right) return Either.left(unreadable(path, "expected a folder of images, found a file"));
    const { notify = () => {} } = options;
    const halves = await hasFolder(path, "train");
    const testFolder = halves ? await firstFolder(path, TEST_FOLDERS) : undefined;
    const trainList = await listImages(halves ? join(path, "train") : path);
    if (Either.isLeft(trainList)) return trainList;
    const testList = testFolder === undefined ? undefined : await listImages(join(path, testFolder));
    if (testList !== undefined && Either.isLeft(testList)) return testList;
    const name = basename(path) || path;
    const classes = [...new Set([...classesOf(trainList.right), ...testList ? classesOf(testList.right) : []])].sort();
    const read = (list: ImageList, size: number | undefined) =>
      readImages(name, list, classes, { ...options, notify, ...size === undefined ? {} : { size } });
    const train = await read(trainList.right, options.size);
    if (Either.isLeft(train)) return train;
    if (testList === undefined) return Either.right({ train: train.right });
    const test = await read(testList.right, train.right.height);
    return Either.isLeft(test) ? test : Either.right({ train: train.right, test: test.right });
  };
}

function unreadable(path: string, reason: string): UnreadablePath {
  return { _tag: "UnreadablePath", path, reason };
}

async function firstFolder(parent: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await hasFolder(parent, name)) return name;
  return undefined;
}

/** The classes of a list: none unless every image has one, and there are two. */
function classesOf({ images }: ImageList): readonly string[] {
  const names = new Set(images.map(({ folder }) => folder));
  return names.size < 2 || names.has("") ? [] : [...names];
}

async function readImages(
  name: string,
  list: ImageList,
  classes: readonly string[],
  options: FolderOptions & { readonly notify: (message: string) => void },
): Promise<Either.Either<DataError, Dataset>> {
  const { channels = 3, onUnreadable = "skip", notify, limit, viewSize = 224 } = options;
  const labelled = classesOf(list).length > 0;
  const labelsOfAll = labelled ? list.images.map(({ folder }) => classes.indexOf(folder)) : undefined;
  const places = limited(list.images.length, limit ?? Math.max(1, list.images.length), labelsOfAll);
  const chosen = places.map((place) => list.images[place]);
  const skipped: SkippedImage[] = [];
  const decode = (path: string, file: Either.Either<string, Uint8Array>): Either.Either<SkippedImage, Pixels> => {
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

  const size = options.size ?? await ownSize(chosen.map(({ path }) => path), decode) ?? Math.round(viewSize * MARGIN);
  const pixels = size * size * channels;
  const bytes = chosen.length * pixels;
  let images: Uint8Array;
  try {
    images = new Uint8Array(bytes);
  } catch {
    return Either.left({ _tag: "TooManyPixels", path: list.path, count: chosen.length, size, bytes });
  }
  const labels = new Int32Array(chosen.length);
  let count = 0;
  let told = performance.now();
  for await (const { index, file } of readAhead(chosen.map(({ path }) => path))) {
    const { path } = chosen[index];
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
    const expected = "at least 1 JPEG, PNG, BMP or GIF image";
    return Either.left({ _tag: "NoImages", path: list.path, expected, others: list.others, unreadable: skipped });
  }
  report(skipped, chosen.length, notify);
  return Either.right({
    name,
    images: images.subarray(0, count * pixels),
    count,
    height: size,
    width: size,
    channels,
    ...labelled ? { labels: labels.subarray(0, count), classes } : {},
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
  decode: (path: string, file: Either.Either<string, Uint8Array>) => Either.Either<SkippedImage, Pixels>,
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
): AsyncGenerator<{ readonly index: number; readonly file: Either.Either<string, Uint8Array> }> {
  const group = (first: number) => Promise.all(paths.slice(first, first + CONCURRENT).map(readFile));
  let next = group(0);
  for (let first = 0; first < paths.length; first += CONCURRENT) {
    const files = await next;
    if (first + CONCURRENT < paths.length) next = group(first + CONCURRENT);
    for (const [offset, file] of files.entries()) yield { index: first + offset, file };
  }
}

async function readFile(path: string): Promise<Either.Either<string, Uint8Array>> {
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
