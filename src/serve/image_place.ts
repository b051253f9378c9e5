/**
 * Where the image of a collection is, as the server's threads are told. Only what lies in the collection's own folders
 * has a place.
 *
 * @module
 */
import { isAbsolute, relative } from "node:path";
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
 * @param sources Where the collection's images come from: files lie in these folders.
 * @throws {Deno.errors.NotFound} if its file is no longer there.
 */
export async function placeOf({ file, source, split, path }: CollectionImage, sources: Sources) {
  if (file === undefined) {
    return { kind: "data set", source: sources.get(source)!, half: split, path } satisfies ImagePlace;
  }
  const shard = shardIn(file);
  const real = await Deno.realPath(shard ?? file);
  if (!await isInFolder(sources, real)) {
    return refusal(403, "Cannot show the image: its file is outside of the collection's folders");
  }
  return shard === undefined
    ? { kind: "file", file: real } satisfies ImagePlace
    : { kind: "shard", shard, path: file } satisfies ImagePlace;
}

/** Whether a file, links resolved, lies in a folder that images come from. */
async function isInFolder(sources: Sources, file: string): Promise<boolean> {
  for (const { name, path: folder } of sources.values()) {
    if (name !== "folder") continue;
    const path = relative(await Deno.realPath(folder).catch(() => folder), file);
    if (path !== "" && path.split(/[/\\]/)[0] !== ".." && !isAbsolute(path)) return true;
  }
  return false;
}
