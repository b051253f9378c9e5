/**
 * What a folder of images holds, before any image is decoded: its halves, its labels, and what is left out.
 *
 * @module
 */
import { join } from "node:path";
import { Either, type TaskEither } from "../core/either.ts";
import { counted, type DataError } from "./errors.ts";
import { below, fromCommonFolder, type Halves, halvesOf } from "./halves.ts";
import type { ImagePart } from "./image_source.ts";
import { byFolders, byLabels, byList, type NamedImages, readLabels } from "./labels.ts";
import { listImages } from "./list_images.ts";
import type { ImageFile, Listing } from "./walk.ts";

/** Where labels and held-out images come from. */
export type FindOptions = {
  /** "folders": the first subfolder is the class. "none": there are no labels. Otherwise a CSV or JSON Lines file. */
  readonly labels?: string;
  /** A second folder, with the images that are held out. */
  readonly testPath?: string;
  /** Called with what a user should know while images are looked for. */
  readonly notify?: (message: string) => void;
};

/** The images of one half. */
export type FoundImages = {
  /** The folder that holds them. */
  readonly path: string;
  /** The files, in order. */
  readonly files: readonly string[];
  /** For each image, where it lies in a shard; absent if all are files of their own. */
  readonly parts?: readonly (ImagePart | undefined)[];
  /** The index of each image's class. */
  readonly labels?: Int32Array;
};

/** The images of a data set. */
export type Found = {
  readonly train: FoundImages;
  readonly test?: FoundImages;
  /** The names of all classes, sorted; absent if there are no labels. */
  readonly classes?: readonly string[];
  /** What a user should know before training, one line each. */
  readonly notices: readonly string[];
};

/** What a folder must hold. */
const IMAGES = "at least 1 JPEG, PNG, GIF, BMP or WebP image";

/** Classes with fewer images than this are reported. */
const FEW = 5;

/** How many names are written out before the rest are only counted. */
const NAMED = 5;

/**
 * Finds the images of a folder, and how they fall into halves and classes. If nothing is said about labels or held-out
 * images, both are guessed from the names of folders; see {@linkcode halvesOf} and {@linkcode byFolders}.
 *
 * @param path The folder.
 * @param options What the user specified.
 */
export function findImages(path: string, options: FindOptions = {}): TaskEither<DataError, Found> {
  return async () => {
    const { notify = () => {} } = options;
    const listing = await listImages(path, notify);
    if (Either.isLeft(listing)) return listing;
    const second = options.testPath === undefined ? undefined : await listImages(options.testPath, notify);
    if (second !== undefined && Either.isLeft(second)) return second;
    const list = isFile(options.labels) ? await readLabels(options.labels, path) : undefined;
    if (list !== undefined && Either.isLeft(list)) return list;

    const images = fromCommonFolder(listing.right.images);
    const halves = halvesOf(images);
    if (halves._tag === "Unclear" && second === undefined) {
      return Either.left({ _tag: "UnclearHalves", path, folders: halves.folders });
    }
    const named = (images: readonly ImageFile[], areFolders: boolean): NamedImages => {
      if (list !== undefined) return byList(images, list.right);
      if (options.labels === "none") return { images, unlabelled: [] };
      const own = options.labels === "folders" ? undefined : byLabels(images);
      return own ?? byFolders(images, areFolders);
    };
    const train = named(halves._tag === "Halves" ? below(images, halves.train) : images, options.labels === "folders");
    const testImages = second !== undefined
      ? fromCommonFolder(second.right.images)
      : halves._tag === "Halves"
      ? below(images, halves.test)
      : undefined;
    const test = testImages && named(testImages, train.classes !== undefined);
    if (train.images.length === 0) {
      return Either.left({
        _tag: "NoImages",
        path,
        expected: IMAGES,
        leftOut: kinds(listing.right.leftOut),
        unreadable: [],
      });
    }
    if (options.labels !== undefined && options.labels !== "none" && train.classes === undefined) {
      return Either.left({ _tag: "NoClasses", path });
    }

    // If the training half has labels, a held-out half without labels cannot be used for evaluation.
    const usable = test?.classes !== undefined || train.classes === undefined ? test : undefined;
    const classes = [...new Set([...train.classes ?? [], ...usable?.classes ?? []])].sort();
    const place = new Map(classes.map((name, index) => [name, index]));
    const half = (path: string, { images, classes }: NamedImages): FoundImages => ({
      path,
      files: images.map(({ path }) => path),
      ...images.some(({ part }) => part !== undefined) ? { parts: images.map(({ part }) => part) } : {},
      ...classes === undefined ? {} : { labels: Int32Array.from(classes, (name) => place.get(name)!) },
    });
    const areShards = images.some(({ part }) => part !== undefined);
    const ofHalf = (name: string) => areShards ? `${path} (${name})` : join(path, name);
    const trainPath = halves._tag === "Halves" ? ofHalf(halves.train) : path;
    const testPath = options.testPath ?? (halves._tag === "Halves" ? ofHalf(halves.test) : path);
    return Either.right({
      train: half(trainPath, train),
      ...usable === undefined ? {} : { test: half(testPath, usable) },
      ...train.classes === undefined ? {} : { classes },
      notices: [
        ...said(trainPath, "to train on", train),
        ...test === undefined ? [] : said(testPath, "held out", test),
        ...test !== undefined && usable === undefined
          ? [`The images in ${testPath} have no labels, so nothing can be measured with them.`]
          : [],
        ...unused(path, halves),
        ...[listing.right, ...second === undefined ? [] : [second.right]].flatMap(leftOut),
      ],
    });
  };
}

function isFile(labels: string | undefined): labels is string {
  return labels !== undefined && labels !== "folders" && labels !== "none";
}

/** How many images a half has, and in which classes. */
function said(path: string, what: string, named: NamedImages): readonly string[] {
  const { classes, unlabelled } = named;
  const images = `${counted(named.images.length, "image")} ${what} in ${path}`;
  const without = unlabelled.length === 0 ? [] : [
    `${counted(unlabelled.length, "image")} in ${path} without a label ${unlabelled.length === 1 ? "is" : "are"} ` +
    `left out: ${some(unlabelled)}`,
  ];
  if (classes === undefined) return [`${images}, without labels`, ...without];
  const counts = new Map<string, number>();
  for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => a - b);
  const [[least, fewest], [most, greatest]] = [sorted[0], sorted[sorted.length - 1]];
  const few = sorted.filter(([, count]) => count < FEW);
  return [
    `${images}, ${counts.size} classes, from ${fewest} (${least}) to ${greatest.toLocaleString("en")} (${most})`,
    ...without,
    ...few.length === 0 ? [] : [
      `Warning: too few images to measure well (fewer than ${FEW}): ` +
      some(few.map(([name, count]) => `${name} (${count})`)),
    ],
  ];
}

function unused(path: string, halves: Halves): readonly string[] {
  if (halves._tag !== "Halves") return [];
  return halves.unused.map((folder) =>
    `${join(path, folder)} is not used: ${halves.test} is the half that is held out`
  );
}

function kinds(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].map(([kind, count]) => `${kind}: ${count.toLocaleString("en")}`);
}

function leftOut({ path, leftOut, unreadable, damaged, shardKinds }: Listing): readonly string[] {
  return [
    ...shardKinds.size === 0 ? [] : [`The images of ${path} are in ${kinds(shardKinds).join("; ")}`],
    ...leftOut.size === 0 ? [] : [`Left out in ${path}: ${kinds(leftOut).join("; ")}`],
    ...damaged.map(({ path, reason, images }) =>
      `Cannot read ${path} to its end: ${reason}. ` +
      `${counted(images, "image")} before that ${images === 1 ? "is" : "are"} used.`
    ),
    ...unreadable.slice(0, NAMED).map(({ path, reason }) => `Cannot read ${path}: ${reason}. It is left out.`),
    ...unreadable.length > NAMED ? [`and ${unreadable.length - NAMED} more folders that cannot be read`] : [],
  ];
}

function some(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest.toLocaleString("en")} more` : "");
}
