/**
 * What a folder of images holds, before any image is decoded: its halves, its labels, and what is left out.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { Either, type TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import { type DataError, malformed, type MalformedFile, type NoImages, type UnclearHalves } from "./errors.ts";
import { below, fromCommonFolder, halvesOf, withoutStrays } from "./halves.ts";
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
  const { labels } = options;
  return async () => {
    const folders = await readFolders(path, options);
    if (Either.isLeft(folders)) return folders;
    const { folder, testFolder, list } = folders.right;
    const halved = halvesIn(folder, testFolder?.path);
    if (Either.isLeft(halved)) return halved;
    const { unused } = halved.right;
    const train = labelled(halved.right.train, labels, list, labels === "folders");
    const held = testFolder === undefined ? halved.right.test : heldOut(testFolder, train.classes ?? []);
    const test = held && labelled(held, labels, list, train.classes !== undefined);
    if (train.images.length === 0) return Either.left(noImages(folder));
    if (labels !== undefined && labels !== "none" && train.classes === undefined) {
      return Either.left(list === undefined ? { _tag: "NoClasses", path } : namesOthers(labels, list, train));
    }
    // If the training half has labels, a held-out half without labels cannot be used for evaluation.
    const usable = test?.classes !== undefined || train.classes === undefined ? test : undefined;
    const classes = [...new Set([...train.classes ?? [], ...usable?.classes ?? []])].sort();
    return Either.right({
      train: found(train, classes),
      ...usable === undefined ? {} : { test: found(usable, classes) },
      ...train.classes === undefined ? {} : { classes },
      notices: [
        ...said("to train on", train),
        ...test === undefined ? [] : said("held out", test),
        ...test !== undefined && usable === undefined
          ? [`The images in ${test.path} have no labels, so nothing can be measured with them.`]
          : [],
        ...unused,
        ...[folder, ...testFolder === undefined ? [] : [testFolder]].flatMap(leftOut),
      ],
    });
  };
}

/** What is read before the halves and the classes are known. */
type Folders = {
  readonly folder: Listing;
  /** The second folder, with the images that are held out. */
  readonly testFolder?: Listing;
  /** The class of each path, where a file lists them. */
  readonly list?: ReadonlyMap<string, string>;
};

async function readFolders(
  path: string,
  { labels, testPath, notify = () => {} }: FindOptions,
): Promise<Either<DataError, Folders>> {
  const folder = await listImages(path, notify);
  if (Either.isLeft(folder)) return folder;
  const testFolder = testPath === undefined ? undefined : await listImages(testPath, notify);
  if (testFolder !== undefined && Either.isLeft(testFolder)) return testFolder;
  const list = isFile(labels) ? await readLabels(labels, path) : undefined;
  if (list !== undefined && Either.isLeft(list)) return list;
  return Either.right({ folder: folder.right, testFolder: testFolder?.right, list: list?.right });
}

/** The images of one half, and the folder that holds them. */
type Half = { readonly path: string; readonly images: readonly ImageFile[] };

/** The images of a second folder. One folder around all of them is a class only where a class of training is so called. */
function heldOut({ path, images }: Listing, classes: readonly string[]): Half {
  return { path, images: fromCommonFolder(images, new Set(classes)) };
}

/** The halves of a folder. Nothing of it is held out if there is a second folder, whose path is given then. */
function halvesIn(
  folder: Listing,
  second: string | undefined,
): Either<UnclearHalves, { readonly train: Half; readonly test?: Half; readonly unused: readonly string[] }> {
  const { path } = folder;
  const inFolders = withoutStrays(folder.images);
  const halves = halvesOf(inFolders);
  if (halves._tag === "Unclear" && second === undefined) {
    return Either.left({ _tag: "UnclearHalves", path, folders: halves.folders });
  }
  if (halves._tag !== "Halves") {
    return Either.right({ train: { path, images: fromCommonFolder(folder.images) }, unused: [] });
  }
  const areShards = inFolders.some(({ part }) => part !== undefined);
  const half = (name: string): Half => ({
    path: areShards ? `${path} (${name})` : join(path, name),
    images: below(inFolders, name),
  });
  const [test, others] = second === undefined
    ? [half(halves.test), halves.unused]
    : [undefined, [halves.test, ...halves.unused]];
  const heldOut = second ?? halves.test;
  const used = new Set(inFolders.map(({ path }) => path));
  const strays = folder.images.map(({ path }) => path).filter((path) => !used.has(path));
  return Either.right({
    train: half(halves.train),
    ...test === undefined ? {} : { test },
    unused: [
      ...others.map((name) => `${join(path, name)} is not used: ${heldOut} is the half that is held out`),
      ...strays.length === 0
        ? []
        : [`Left out, beside the halves: ${counted(strays.length, "image")}, ${some(strays)}`],
    ],
  });
}

/** A half with the name of each image's class, if its images have classes. */
type LabelledHalf = NamedImages & { readonly path: string };

function labelled(
  { path, images }: Half,
  labels: FindOptions["labels"],
  list: Folders["list"],
  areFolders: boolean,
): LabelledHalf {
  if (list !== undefined) return { path, ...byList(images, list) };
  if (labels === "none") return { path, images, unlabelled: [] };
  const own = labels === "folders" ? undefined : byLabels(images);
  return { path, ...own ?? byFolders(images, areFolders) };
}

function found({ path, images, classes }: LabelledHalf, all: readonly string[]): FoundImages {
  const place = new Map(all.map((name, index) => [name, index]));
  return {
    path,
    files: images.map(({ path }) => path),
    ...images.some(({ part }) => part !== undefined) ? { parts: images.map(({ part }) => part) } : {},
    ...classes === undefined ? {} : { labels: Int32Array.from(classes, (name) => place.get(name)!) },
  };
}

function noImages({ path, leftOut, unreadable }: Listing): NoImages {
  return { _tag: "NoImages", path, expected: IMAGES, leftOut: kinds(leftOut), unreadable };
}

/** What is wrong with a list that names none of the images to train on. */
function namesOthers(file: string, list: ReadonlyMap<string, string>, { images }: LabelledHalf): MalformedFile {
  const [listed] = list.keys();
  return malformed(file, {
    what: "the paths",
    expected: `those of images to train on, such as ${resolve(images[0].path)}`,
    found: `only others, such as ${listed}`,
  });
}

function isFile(labels: string | undefined): labels is string {
  return labels !== undefined && labels !== "folders" && labels !== "none";
}

/** How many images a half has, and in which classes. */
function said(what: string, { path, images: { length }, classes, unlabelled }: LabelledHalf): readonly string[] {
  const images = `${counted(length, "image")} ${what} in ${path}`;
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
    `${images}, ${counts.size} ${counts.size === 1 ? "class" : "classes"}, from ${fewest} (${least}) to ${
      greatest.toLocaleString("en")
    } (${most})`,
    ...without,
    ...few.length === 0 ? [] : [
      `Warning: too few images to measure well (fewer than ${FEW}): ` +
      some(few.map(([name, count]) => `${name} (${count})`)),
    ],
  ];
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
