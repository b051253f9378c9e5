/**
 * One image of a shard, found again by the path that a listing gave it.
 *
 * @module
 */
import { isFile } from "../files/read.ts";
import type { ImagePart } from "./image_source.ts";
import { shardKind } from "./shard_kind.ts";
import { listShards } from "./shards.ts";

/** Shards whose images are remembered. */
const REMEMBERED = 64;

type Contents = { readonly stamp: string; readonly parts: Promise<ReadonlyMap<string, ImagePart>> };

const remembered = new Map<string, Contents>();

/**
 * The shard that a path leads into, as in `folder/train.tar/0001.jpg`; undefined where no part of the path is one.
 *
 * @param path The path of an image.
 */
export function shardIn(path: string): string | undefined {
  for (let end = path.search(/[/\\]/); end >= 0;) {
    const shard = path.slice(0, end);
    if (shardKind(shard) !== undefined && isFile(shard)) return shard;
    const next = path.slice(end + 1).search(/[/\\]/);
    end = next < 0 ? -1 : end + 1 + next;
  }
  return undefined;
}

/**
 * Where an image lies in its shard. What a shard holds is listed once, and again where the shard has changed.
 *
 * @param shard The shard.
 * @param path The image's path, which goes on from the shard's.
 * @throws {RangeError} if the shard does not have it.
 */
export async function partOf(shard: string, path: string): Promise<ImagePart> {
  const { size, mtime } = await Deno.stat(shard);
  const stamp = `${size} ${mtime?.getTime()}`;
  const known = remembered.get(shard);
  const contents = known?.stamp === stamp ? known : { stamp, parts: partsOf(shard) };
  remembered.delete(shard); // the one that was used last stands last
  remembered.set(shard, contents);
  for (const oldest of remembered.keys()) if (remembered.size > REMEMBERED) remembered.delete(oldest);
  const part = (await contents.parts).get(path);
  if (part === undefined) throw new RangeError(`expected the image in ${shard}, found no such image`);
  return part;
}

async function partsOf(shard: string): Promise<ReadonlyMap<string, ImagePart>> {
  const { images } = await listShards([{ path: shard, folders: [] }], () => {});
  return new Map(images.flatMap(({ path, part }) => part === undefined ? [] : [[path, part]]));
}
