/**
 * The halves of a data set that its folders name.
 *
 * @module
 */
import { STRAYS } from "./labels.ts";
import type { ImageFile } from "./walk.ts";

/** Names of a folder with training images, in upper or lower case. */
const TRAIN = ["train", "training"];

/** The same for held-out images, the most usual name first. */
const TEST = ["test", "testing", "val", "valid", "validation"];

/** Whether a name is one that halves have. */
export function isHalfName(name: string): boolean {
  return [...TRAIN, ...TEST].includes(name.toLowerCase());
}

/** How the images of a folder fall into halves. */
export type Halves =
  /** The folder is one whole. */
  | { readonly _tag: "Whole" }
  /** One folder is to be trained on, and one is held out. `unused` are further held-out folders. */
  | { readonly _tag: "Halves"; readonly train: string; readonly test: string; readonly unused: readonly string[] }
  /** Every folder is named like a held-out half, so it is not clear what to train on. */
  | { readonly _tag: "Unclear"; readonly folders: readonly string[] };

/**
 * Finds the halves among the first folders of some images.
 *
 * A name counts only if a training half and a held-out half both exist and no other folder does. Otherwise `test` may
 * be the name of a class. If all folders are named like held-out halves, the result is unclear.
 *
 * @param images The images of the folder.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { halvesOf } from "./halves.ts";
 *
 * const images = ["Training", "Testing"].map((half) => ({ path: `${half}/cat/0.jpg`, folders: [half, "cat"] }));
 * assertEquals(halvesOf(images), { _tag: "Halves", train: "Training", test: "Testing", unused: [] });
 * ```
 */
export function halvesOf(images: readonly ImageFile[]): Halves {
  const folders = [...new Set(images.map(({ folders }) => folders[0] ?? ""))];
  const named = (names: readonly string[]) =>
    names.flatMap((name) => folders.filter((folder) => folder.toLowerCase() === name));
  const [train, test] = [named(TRAIN), named(TEST)];
  if (folders.length === 0 || train.length + test.length < folders.length) return { _tag: "Whole" };
  if (train.length === 1 && test.length > 0) {
    return { _tag: "Halves", train: train[0], test: test[0], unused: test.slice(1) };
  }
  return train.length === 0 && test.length > 1 ? { _tag: "Unclear", folders: test } : { _tag: "Whole" };
}

/**
 * The images as {@linkcode fromCommonFolder} has them, and without those that lie beside the folders of the others. Of
 * these there are few, or none is left out.
 */
export function withoutStrays(all: readonly ImageFile[]): readonly ImageFile[] {
  let images = fromCommonFolder(all);
  for (;;) {
    const inFolders = images.filter(({ folders }) => folders.length > 0);
    if (inFolders.length === images.length) return images;
    if (all.length - inFolders.length > STRAYS * all.length) return fromCommonFolder(all);
    images = fromCommonFolder(inFolders);
  }
}

/** The images below one of the first folders, with paths from that folder. */
export function below(images: readonly ImageFile[], folder: string): readonly ImageFile[] {
  return images
    .filter(({ folders }) => folders[0] === folder)
    .map((image) => ({ ...image, folders: image.folders.slice(1) }));
}

/**
 * The images, with paths from the innermost folder that holds them all.
 *
 * @param images The images.
 * @param classes Names of folders that are not entered, because they are classes.
 */
export function fromCommonFolder(
  images: readonly ImageFile[],
  classes: ReadonlySet<string> = new Set(),
): readonly ImageFile[] {
  const [first] = images;
  if (first === undefined) return images;
  const isCommon = (name: string, depth: number): boolean => images.every(({ folders }) => folders[depth] === name);
  const end = first.folders.findIndex((name, depth) => classes.has(name) || !isCommon(name, depth));
  const depth = end < 0 ? first.folders.length : end;
  return depth === 0 ? images : images.map((image) => ({ ...image, folders: image.folders.slice(depth) }));
}
