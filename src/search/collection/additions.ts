/**
 * How images come into a collection, change and go.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { encodersOf, type NumberedEncoder } from "./encoders.ts";
import { vectorTable } from "./schema.ts";
import { putVector } from "./vectors.ts";

/** What a file is known by without its bytes being read, and what its folder says of it. */
export type Listed = {
  /** The path below the source, with slashes. */
  readonly path: string;
  /** The size of the file, or of the pixels in memory. */
  readonly bytes: number;
  /** When the file was last modified, milliseconds since 1970; 0 for images in memory. */
  readonly modified: number;
  /** The name of its class, if it has one. */
  readonly label?: string;
  /** The half that it is in. */
  readonly split: "train" | "test";
};

/** An image that was embedded. */
export type Embedded = Listed & {
  /** SHA-256 of the file, or of the pixels in memory, in hexadecimal digits. */
  readonly digest: string;
  /** Pixels, as displayed. */
  readonly width: number;
  /** Pixels, as displayed. */
  readonly height: number;
  /** float32 [D], of length 1. */
  readonly vector: Float32Array;
};

/** An image that the collection has. */
export type Known = Listed & {
  readonly id: number;
  readonly digest: string;
  /** Whether it was found missing. */
  readonly isRemoved: boolean;
  /** Whether it has a vector of the encoder that was asked about. */
  readonly hasVector: boolean;
};

/** The number of a source, which is noted where it is not known yet. */
export function sourceFor({ run, rows }: Database, name: string, path: string): number {
  run("INSERT OR IGNORE INTO sources (name, path) VALUES (?, ?)", name, path);
  const [[id]] = rows<readonly [number]>("SELECT id FROM sources WHERE name = ? AND path = ?", name, path);
  return id;
}

/** Every image of a source, those that were found missing included, by path. */
export function knownImages(
  { rows }: Database,
  source: number,
  { id: encoder }: NumberedEncoder,
): ReadonlyMap<string, Known> {
  type KnownRow = readonly [
    id: number,
    path: string,
    digest: string,
    bytes: number,
    modified: number,
    label: string | null,
    split: "train" | "test",
    isRemoved: number,
    hasVector: number,
  ];
  const found = rows<KnownRow>(
    `SELECT id, path, digest, bytes, modified, label, split, removed IS NOT NULL,
      EXISTS (SELECT 1 FROM ${vectorTable(encoder)} WHERE image = id)
    FROM images WHERE source = ?`,
    source,
  );
  return new Map(found.map(([id, path, digest, bytes, modified, label, split, isRemoved, hasVector]) => [path, {
    ...{ id, path, digest, bytes, modified, split },
    ...label === null ? {} : { label },
    isRemoved: isRemoved === 1,
    hasVector: hasVector === 1,
  }]));
}

/** Puts images with their vectors into a collection, all or none. What was made of an image that changed goes. */
export function putEmbedded(
  database: Database,
  source: number,
  encoder: NumberedEncoder,
  images: readonly Embedded[],
): void {
  const put = `INSERT INTO images (source, path, digest, width, height, bytes, modified, label, split)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, path) DO UPDATE SET digest = excluded.digest, width = excluded.width,
      height = excluded.height, bytes = excluded.bytes, modified = excluded.modified, label = excluded.label,
      split = excluded.split, removed = NULL`;
  database.transaction(() => {
    for (const { path, digest, width, height, bytes, modified, label = null, split, vector } of images) {
      const find = "SELECT id, digest FROM images WHERE source = ? AND path = ?";
      const [before] = database.rows<readonly [number, string]>(find, source, path);
      if (before !== undefined && before[1] !== digest) forget(database, before[0]);
      const inserted = database.run(put, source, path, digest, width, height, bytes, modified, label, split);
      putVector(database, encoder, before?.[0] ?? inserted, vector);
    }
  });
}

/** Removes what was computed from an image. What people said of it, its tags and columns, stays. */
function forget(database: Database, image: number): void {
  for (const { id } of encodersOf(database)) database.run(`DELETE FROM ${vectorTable(id)} WHERE image = ?`, image);
  for (const table of ["map_points", "clusters"]) database.run(`DELETE FROM ${table} WHERE image = ?`, image);
}

/**
 * Notes what is new about files whose contents are as before: their times, labels and halves, and that they are there.
 */
export function refresh(database: Database, images: readonly (Listed & { readonly id: number })[]): void {
  const set = "UPDATE images SET bytes = ?, modified = ?, label = ?, split = ?, removed = NULL WHERE id = ?";
  database.transaction(() => {
    for (const { id, bytes, modified, label = null, split } of images) {
      database.run(set, bytes, modified, label, split, id);
    }
  });
}

/** Notes that images are no longer there. They keep their numbers and vectors, and may come back. */
export function markRemoved(database: Database, ids: readonly number[], now: number): void {
  database.transaction(() => {
    for (const id of ids) database.run("UPDATE images SET removed = ? WHERE id = ?", now, id);
  });
}
