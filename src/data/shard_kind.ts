import { basename, extname } from "node:path";

/** What kinds of shards there are: tar files as WebDataset has them, Parquet files, and TFRecord files. */
export type ShardKind = "tar" | "parquet" | "tfrecord";

/**
 * Which kind of shard a file is, judged by its name. The folders that it is in say nothing.
 *
 * @param path Its path, or its name alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shardKind } from "./shard_kind.ts";
 *
 * const paths = ["a.tfrecord/0.tar", "train-00000-of-00002.parquet", "train-00000-of-01024", "a.jpg"];
 * assertEquals(paths.map(shardKind), ["tar", "parquet", "tfrecord", undefined]);
 * ```
 */
export function shardKind(path: string): ShardKind | undefined {
  const name = basename(path);
  if (/\.tfrecords?\b/i.test(name) || /-\d{5}-of-\d{5}$/.test(name)) return "tfrecord";
  const extension = extname(name).toLowerCase();
  return extension === ".tar" ? "tar" : extension === ".parquet" ? "parquet" : undefined;
}
