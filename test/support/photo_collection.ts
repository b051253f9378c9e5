/**
 * A small collection with its images, for tests of the page.
 *
 * @module
 */
import { dirname } from "node:path";
import { putEmbedded, sourceFor } from "../../src/search/collection/additions.ts";
import { type Collection, openCollection } from "../../src/search/collection/collection.ts";
import { openDatabase } from "../../src/search/collection/database.ts";
import { encoderFor } from "../../src/search/collection/encoders.ts";
import { encoder } from "./collections.ts";
import { right } from "./either.ts";
import { png } from "./image_files.ts";

/** The kinds of images, each with the colour that all its images nearly have. */
const kinds = { leaf: [60, 160, 70], sky: [90, 150, 220], brick: [190, 80, 60] } as const;

/** Images of each kind. The last two of each are copies of the first, and the one before those is a test image. */
export const OF_EACH = 24;

/** All images. */
export const IMAGES = 3 * OF_EACH;

/** An image of the collection before it is written. */
export type Photo = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly label: string;
  readonly split: "train" | "test";
  readonly vector: Float32Array;
  readonly point: readonly [number, number];
};

/** A collection that lies in a folder of its own. */
export type PhotoCollection = {
  readonly folder: string;
  /** The collection's file. */
  readonly path: string;
  /** It is open for writing. */
  readonly collection: Collection;
};

/** The images: 24 of each kind, in a folder of its name. */
export function photos(): readonly Photo[] {
  return Object.entries(kinds).flatMap(([label, colour], kind) =>
    Array.from({ length: OF_EACH }, (_, place): Photo => {
      const number = place >= OF_EACH - 2 ? 0 : place;
      const shade = (at: number): number =>
        Math.min(255, Math.max(0, colour[at % 3] + (number * 7 + (at >> 4)) % 40 - 20));
      const angle = 2 * Math.PI * kind / 3 + 0.02 * number;
      return {
        path: `photos/${label}/${`${place}`.padStart(2, "0")}.png`,
        bytes: png(Array.from({ length: 40 * 30 * 3 }, (_, at) => shade(at)), 30, 40),
        label,
        split: place === OF_EACH - 3 ? "test" : "train",
        vector: Float32Array.of(Math.cos(angle), Math.sin(angle)),
        point: [4 * kind + 0.15 * (place % 5), 0.15 * Math.floor(place / 5)],
      };
    })
  );
}

/** Writes images and their collection into a new folder, which is there while `f` runs. */
export async function withPhotoCollection(
  f: (made: PhotoCollection) => Promise<void>,
  images: readonly Photo[] = photos(),
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const { path, bytes } of images) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    const path = `${folder}/photos.moco`;
    put(path, `${folder}/photos`, images);
    const collection = right(await openCollection(path, { write: true })());
    const { ids } = right(collection.vectors());
    right(collection.setMap({ ids, points: Float32Array.from(images.flatMap(({ point }) => point)), settings: {} }));
    try {
      await f({ folder, path, collection });
    } finally {
      collection.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function put(path: string, root: string, images: readonly Photo[]): void {
  const database = right(openDatabase(path, "create"));
  const numbered = right(encoderFor(database, encoder, false));
  putEmbedded(
    database,
    sourceFor(database, "folder", root),
    numbered,
    images.map(({ path, bytes, label, split, vector }, row) => ({
      ...{ path: path.slice("photos/".length), digest: `${row}`, width: 40, height: 30 },
      ...{ bytes: bytes.length, modified: 1.7e12, label, split, vector },
    })),
  );
  database.close();
}
