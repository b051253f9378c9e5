import { extname } from "node:path";

/** What kinds of shards there are: tar files as WebDataset has them, Parquet files, and TFRecord files. */
export type ShardKind = "tar" | "parquet" | "tfrecord";

/**
 * Which kind of shard a file is, judged by its name.
 *
 * @param name The name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shardKind } from "./shard_kind.ts";
 *
 * const names = ["a.tar", "train-00000-of-00002.parquet", "train-00000-of-01024", "a.jpg"];
 * assertEquals(names.map(shardKind), ["tar", "parquet", "tfrecord", undefined]);
 * ```
 */
export function shardKind(name: string): ShardKind | undefined {
  if (/\.tfrecords?\b/i.test(name) || /-\d{5}-of-\d{5}$/.test(name)) return "tfrecord";
  const extension = extname(name).toLowerCase();
  return extension === ".tar" ? "tar" : extension === ".parquet" ? "parquet" : undefined;
}
