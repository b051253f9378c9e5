/**
 * What is known about a shard: one file that holds many images.
 *
 * @module
 */
import type { ImagePart } from "./image_source.ts";
import type { ReadAt } from "./read_at.ts";

/** An image in a shard. */
export type ShardImage = {
  /** Its name there. It is only used in messages, and to tell folders apart. */
  readonly name: string;
  /** Where it lies. */
  readonly part: ImagePart;
  /** The name of its class, if the shard says so. */
  readonly label?: string;
};

/** What a shard holds. */
export type Shard = {
  readonly images: readonly ShardImage[];
  /** How many entries of each kind were left out, by the plural name of the kind. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Why nothing was read beyond the last image, if the file is damaged. */
  readonly damage?: string;
};

/** A shard that is being read. */
export type ShardFile = {
  readonly path: string;
  /** Its size, bytes. */
  readonly size: number;
  readonly read: ReadAt;
};

/** Counts one more of a kind. */
export function countOne(kinds: Map<string, number>, kind: string): void {
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
}

/** Whether a file begins as gzip does. */
export function isGzip({ read }: ShardFile): boolean {
  const [first, second] = read(0, 2);
  return first === 0x1f && second === 0x8b;
}
