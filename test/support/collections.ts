/**
 * Collections without images, for tests of what stands on them.
 *
 * @module
 */
import { putEmbedded, sourceFor } from "../../src/search/collection/additions.ts";
import { type Collection, openCollection } from "../../src/search/collection/collection.ts";
import { openDatabase } from "../../src/search/collection/database.ts";
import { encoderFor } from "../../src/search/collection/encoders.ts";
import type { CollectionEncoder } from "../../src/search/collection/types.ts";
import { right } from "./either.ts";

/** An encoder of two numbers. */
export const encoder: CollectionEncoder = {
  ...{ name: "toy", digest: "ab".repeat(32), dim: 2, size: 8, channels: 3 },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], madeBy: { run: "runs/toy" } },
};

/** Some images in a folder `/photos`: each path has a label, or none, and an angle for its vector. */
export type Photos = Readonly<
  Record<
    string,
    {
      readonly label?: string;
      readonly angle: number;
      readonly digest?: string;
      readonly split?: "train" | "test";
      readonly width?: number;
      readonly bytes?: number;
    }
  >
>;

/** A unit vector. */
export function unitVector(angle: number): Float32Array {
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
}

/** Makes a collection, or adds to it. */
export function put(path: string, photos: Photos, { name, digest }: Partial<CollectionEncoder> = {}): void {
  const database = right(openDatabase(path, "create"));
  const made = { ...encoder, name: name ?? encoder.name, digest: digest ?? encoder.digest };
  const numbered = right(encoderFor(database, made, name !== undefined));
  const images = Object.entries(photos).map((
    [path, { label, angle, digest = path, split = "train", width = 640, bytes = 1000 }],
  ) => ({
    ...{ path, digest, width, height: 480, bytes, modified: 5, split },
    ...label === undefined ? {} : { label },
    vector: unitVector(angle),
  }));
  putEmbedded(database, sourceFor(database, "folder", "/photos"), numbered, images);
  database.close();
}

/** Opens a collection that is there. */
export async function opened(path: string, options: { readonly write?: boolean } = {}): Promise<Collection> {
  return right(await openCollection(path, options)());
}

/** How many images a collection has, however whole its file is: 0 where it is not there yet. */
export async function imagesIn(to: string): Promise<number> {
  const there = await Deno.stat(to).then(({ size }) => size > 0, () => false);
  if (!there) return 0;
  const collection = await opened(to);
  try {
    return right(collection.counts()).images;
  } finally {
    collection.close();
  }
}

/** Waits until an embedding has saved so many images. */
export async function until(to: string, count: number): Promise<void> {
  while (await imagesIn(to).catch(() => 0) < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
