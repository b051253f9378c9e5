/**
 * Where the image of a collection is, as the server's threads are told. Only what lies in the collection's own folders
 * and shards has a place.
 *
 * @module
 */
import { isAbsolute, relative, resolve } from "node:path";
import { meantBy } from "../data/file_names.ts";
import { shardIn } from "../data/shard_image.ts";
import type { CollectionImage, CollectionSource } from "../search/collection/types.ts";
import { refusal } from "./answers.ts";

/** A file of its own, an image of a shard, or one of a data set by name. */
export type ImagePlace =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "shard"; readonly shard: string; readonly path: string }
  | {
    readonly kind: "data set";
    readonly source: CollectionSource;
    readonly half: "train" | "test";
    readonly path: string;
  };

/** Where images come from, by number. */
export type Sources = ReadonlyMap<number, CollectionSource>;

/**
 * Where an image is, links resolved, or why it is not shown.
 *
 * @param image The image.
 * @param sources Where the collection's images come from: files lie in these folders and shards.
 * @throws {Deno.errors.NotFound} if its file is no longer there.
 */
export async function placeOf({ file, source, split, path }: CollectionImage, sources: Sources) {
  if (file === undefined) {
    return { kind: "data set", source: sources.get(source)!, half: split, path } satisfies ImagePlace;
  }
  const shard = shardIn(file);
  const real = await Deno.realPath(shard ?? file);
  const isOurs = (shard !== undefined && isNamed(sources, shard)) || await isInFolder(sources, real);
  if (!isOurs) return refusal(403, "Cannot show the image: its file is outside of the collection's folders");
  return shard === undefined
    ? { kind: "file", file: real } satisfies ImagePlace
    : { kind: "shard", shard, path: file } satisfies ImagePlace;
}

/** Whether images come from a shard itself, alone or as one of those that a name with braces stands for. */
function isNamed(sources: Sources, shard: string): boolean {
  return foldersOf(sources).flatMap(meantBy).some((name) => resolve(name) === resolve(shard));
}

/** Whether a file, links resolved, lies in a folder that images come from. */
async function isInFolder(sources: Sources, file: string): Promise<boolean> {
  for (const folder of foldersOf(sources)) {
    const path = relative(await Deno.realPath(folder).catch(() => folder), file);
    if (path !== "" && path.split(/[/\\]/)[0] !== ".." && !isAbsolute(path)) return true;
  }
  return false;
}

/** The paths that were embedded: of a folder, of a shard, or a name that stands for several shards. */
function foldersOf(sources: Sources): readonly string[] {
  return [...sources.values()].flatMap(({ name, path }) => name === "folder" ? [path] : []);
}
