/**
 * The images at a path: those of a folder, or those of shards.
 *
 * @module
 */
import { basename } from "node:path";
import { Either } from "../core/either.ts";
import { convertedFolder } from "./converted_file.ts";
import { converterFolder } from "./converter.ts";
import { convertibleAmong } from "./convertible.ts";
import { counted } from "../core/counted.ts";
import { type DataError, malformed } from "./errors.ts";
import { fileNames } from "./file_names.ts";
import { countOne } from "./shard.ts";
import { type ShardKind, shardKind } from "./shard_kind.ts";
import { listShards } from "./shards.ts";
import { type ImageFile, type Listing, walk } from "./walk.ts";

/**
 * Lists the images at a path. If a folder holds no images as files but shards, the shards' images are listed. Otherwise
 * shards are left out, because an archive of a folder often lies beside it.
 *
 * @param path A folder, a shard, or a name with braces that stands for several shards.
 * @param notify Called with what a user should know.
 */
export async function listImages(
  path: string,
  notify: (message: string) => void,
): Promise<Either<DataError, Listing>> {
  const listed = await listAll(path, notify);
  return Either.isLeft(listed) ? listed : Either.right(await convertible(listed.right, notify));
}

/** Fetches the decoder of TIFF, AVIF and HEIC if there are such images. They are left out if it cannot be fetched. */
async function convertible(listing: Listing, notify: (message: string) => void): Promise<Listing> {
  const found = new Set(convertibleAmong(listing.images));
  if (found.size === 0) return listing;
  const prepared = await converterFolder()();
  if (Either.isRight(prepared)) {
    const images = counted(found.size, "TIFF, AVIF or HEIC image");
    const [are, they] = found.size === 1 ? ["is", "it is"] : ["are", "they are"];
    notify(`${images} ${are} converted to PNG when ${they} first read, and kept in ${convertedFolder()}`);
    return listing;
  }
  const { name, reason } = prepared.left;
  return {
    ...listing,
    images: listing.images.filter((image) => !found.has(image)),
    leftOut: together(
      listing.leftOut,
      new Map([[`TIFF, AVIF and HEIC images, without ${name} (${reason})`, found.size]]),
    ),
  };
}

async function listAll(path: string, notify: (message: string) => void): Promise<Either<DataError, Listing>> {
  const named = await namedShards(path);
  if (named !== undefined) {
    if (Either.isLeft(named)) return named;
    return await ofShards(nothing(path), named.right, notify);
  }
  const walked = await walk(path);
  if (Either.isLeft(walked)) return walked;
  const { shards, ...listing } = walked.right;
  if (shards.length === 0) return Either.right(listing);
  if (listing.images.length === 0) return await ofShards(listing, shards, notify);
  return Either.right({ ...listing, leftOut: together(listing.leftOut, kindsOf(shards)) });
}

/** The shards that a path names; undefined if it is neither a shard nor a name with braces. */
async function namedShards(path: string): Promise<Either<DataError, readonly ImageFile[]> | undefined> {
  if (await isThere(path)) {
    return shardKind(path) === undefined || !(await Deno.stat(path)).isFile
      ? undefined
      : Either.right([{ path, folders: [] }]);
  }
  const names = fileNames(path);
  if (Either.isLeft(names)) return Either.left({ _tag: "UnreadableFile", path, reason: names.left });
  if (names.right.length === 1 && names.right[0] === path) return undefined;
  for (const name of names.right) {
    if (!await isThere(name)) {
      return Either.left({ _tag: "UnreadableFile", path: name, reason: "no such file or folder" });
    }
    if (shardKind(name) === undefined) {
      const fault = { what: "the name", expected: "a .tar, .parquet or .tfrecord file", found: basename(name) };
      return Either.left(malformed(path, fault));
    }
  }
  return Either.right(names.right.map((name) => ({ path: name, folders: [] })));
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** What is at a path before anything is found. */
function nothing(path: string): Listing {
  return { path, images: [], leftOut: new Map(), unreadable: [], damaged: [], shardKinds: new Map() };
}

/** A listing with the images of some shards. */
async function ofShards(
  listing: Listing,
  shards: readonly ImageFile[],
  notify: (message: string) => void,
): Promise<Either<DataError, Listing>> {
  const shardKinds = kindsOf(shards);
  if (new Set(shards.map(({ path }) => shardKind(path))).size > 1) {
    const found = [...shardKinds].map(([kind, count]) => `${kind}: ${count}`).join("; ");
    return Either.left(malformed(listing.path, { what: "the folder", expected: "shards of one kind", found }));
  }
  const { images, leftOut, damaged } = await listShards(shards, notify);
  const [first] = damaged;
  if (images.length === 0 && first !== undefined) {
    return Either.left({ _tag: "UnreadableFile", path: first.path, reason: first.reason });
  }
  return Either.right({ ...listing, images, leftOut: together(listing.leftOut, leftOut), damaged, shardKinds });
}

/** What shards are called, in the plural. */
const names: Readonly<Record<ShardKind, string>> = {
  tar: ".tar files",
  parquet: ".parquet files",
  tfrecord: "TFRecord files",
};

/** How many shards of each kind there are. */
function kindsOf(shards: readonly ImageFile[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>();
  for (const { path } of shards) countOne(kinds, names[shardKind(path)!]);
  return kinds;
}

function together(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const sum = new Map(a);
  for (const [kind, count] of b) sum.set(kind, (sum.get(kind) ?? 0) + count);
  return sum;
}
