/**
 * The images of shards: of files that hold many images each.
 *
 * @module
 */
import { reasonOf } from "../core/reason.ts";
import { isHalfName } from "./halves.ts";
import { readerOfFile } from "./read_at.ts";
import type { Shard, ShardFile } from "./shard.ts";
import { type ShardKind, shardKind } from "./shard_kind.ts";
import type { DamagedShard, ImageFile, Listing } from "./walk.ts";

type ReadShard = (file: ShardFile, notify: (message: string) => void) => Shard | Promise<Shard>;

/** How each kind is read. What that needs is imported when it is. */
const readers: Readonly<Record<ShardKind, () => Promise<ReadShard>>> = {
  tar: async () => (await import("./tar_shard.ts")).readTar,
  parquet: async () => (await import("./parquet_shard.ts")).readParquet,
  tfrecord: async () => (await import("./tfrecord_shard.ts")).readTfrecord,
};

/**
 * The images of some shards. Their names continue the paths of their shards, and folders within a shard those of the
 * shard. If each shard's name ends in that of a half, as in `train-00000-of-00002.parquet`, the half counts as a folder
 * too.
 *
 * @param shards The shards, all of one kind, in order.
 * @param notify Called with what a user should know.
 */
export async function listShards(
  shards: readonly ImageFile[],
  notify: (message: string) => void,
): Promise<Pick<Listing, "images" | "leftOut" | "damaged">> {
  const images: ImageFile[] = [];
  const leftOut = new Map<string, number>();
  const damaged: DamagedShard[] = [];
  const halves = shards.map(({ path }) => halfOf(path));
  const haveHalves = halves.every((half) => half !== undefined);
  for (const [place, { path, folders }] of shards.entries()) {
    const read = await readers[shardKind(path)!]();
    const shard = await attempted(path, read, notify);
    const outer = haveHalves ? [...folders, halves[place]!] : folders;
    for (const { name, part, label } of shard.images) {
      const inner = name.split("/").slice(0, -1).filter((folder) => folder !== "" && folder !== "." && folder !== "..");
      const all = [...outer, ...inner.map((folder) => folder.normalize("NFC"))];
      images.push({ path: `${path}/${name}`, folders: all, part, ...label === undefined ? {} : { label } });
    }
    for (const [kind, count] of shard.leftOut) leftOut.set(kind, (leftOut.get(kind) ?? 0) + count);
    if (shard.damage !== undefined) damaged.push({ path, reason: shard.damage, images: shard.images.length });
  }
  return { images, leftOut, damaged };
}

async function attempted(path: string, read: ReadShard, notify: (message: string) => void): Promise<Shard> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    return await read({ path, size, read: readerOfFile(file, size) }, notify);
  } catch (thrown) {
    return { images: [], leftOut: new Map(), damage: reasonOf(thrown) };
  }
}

/**
 * The half that a shard's name says: `test` for `mnist-test.tfrecord-00000-of-00001`, and for
 * `test-00000-of-00001-b42a775f407cee45.parquet`, as the Hugging Face hub once named its files.
 */
function halfOf(path: string): string | undefined {
  const [name] = path.split(/[/\\]/).at(-1)!.split(".");
  const stem = name.replace(/(-\d{5}-of-\d{5})-[0-9a-f]{16}$/, "$1");
  const words = stem.split(/[-_]/).filter((word) => word !== "of" && !/^\d*$/.test(word));
  const last = words.at(-1);
  return last !== undefined && isHalfName(last) ? last : undefined;
}
