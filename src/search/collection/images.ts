/**
 * The images of a collection, as they are read.
 *
 * @module
 */
import { join } from "node:path";
import type { Database } from "./database.ts";
import type { CollectionCounts, CollectionImage, CollectionSource } from "./types.ts";

type ImageRow = readonly [
  id: number,
  source: number,
  path: string,
  digest: string,
  width: number,
  height: number,
  bytes: number,
  modified: number,
  label: string | null,
  split: "train" | "test",
  removed: number | null,
];

/** The sources of the images, the first one first. */
export function sourcesOf({ rows }: Database): readonly CollectionSource[] {
  return rows<readonly [number, string, string]>("SELECT id, name, path FROM sources ORDER BY id")
    .map(([id, name, path]) => ({ id, name, path }));
}

/** How many images there are. */
export function countsOf({ rows }: Database): CollectionCounts {
  const [[all, removed]] = rows<readonly [number, number]>("SELECT count(*), count(removed) FROM images");
  return { images: all - removed, removed };
}

/**
 * Images with what is known of them.
 *
 * @param database The collection.
 * @param ids The numbers of images, in any order; those of no image are passed over. Absent: every image that is there.
 */
export function imagesOf(database: Database, ids?: ArrayLike<number>): readonly CollectionImage[] {
  return database.snapshot(() => imagesNow(database, ids));
}

function imagesNow(database: Database, ids?: ArrayLike<number>): readonly CollectionImage[] {
  const given = ids === undefined ? [] : [JSON.stringify(Array.from(ids))];
  const among = (column: string) => ids === undefined ? "" : `WHERE ${column} IN (SELECT value FROM json_each(?))`;
  const tags = new Map<number, string[]>();
  const tagged = database.rows<readonly [number, string]>(
    `SELECT image, tag FROM tags ${among("image")} ORDER BY image, tag`,
    ...given,
  );
  for (const [image, tag] of tagged) tags.set(image, [...tags.get(image) ?? [], tag]);
  const columns = new Map<number, Record<string, string | number>>();
  const values = database.rows<readonly [number, string, string | number]>(
    `SELECT image, name, value FROM column_values JOIN columns ON columns.id = "column" ${among("image")}`,
    ...given,
  );
  for (const [image, name, value] of values) {
    const known = columns.get(image) ?? noColumns();
    known[name] = value;
    columns.set(image, known);
  }

  const folders = new Map(sourcesOf(database).map(({ id, name, path }) => [id, name === "folder" ? path : undefined]));
  const found = database.rows<ImageRow>(
    `SELECT id, source, path, digest, width, height, bytes, modified, label, split, removed
    FROM images ${ids === undefined ? "WHERE removed IS NULL" : among("id")} ORDER BY id`,
    ...given,
  );
  const images = found.map((row): CollectionImage => {
    const [id, source, path, digest, width, height, bytes, modified, label, split, removed] = row;
    const folder = folders.get(source);
    return {
      ...{ id, source, path, digest, width, height, bytes, modified, split },
      ...folder === undefined ? {} : { file: join(folder, path) },
      ...label === null ? {} : { label },
      ...removed === null ? {} : { removed },
      tags: tags.get(id) ?? [],
      columns: columns.get(id) ?? noColumns(),
    };
  });
  if (ids === undefined) return images;
  const byId = new Map(images.map((image) => [image.id, image]));
  return Array.from(ids).flatMap((id) => byId.get(id) ?? []);
}

/** A record that inherits nothing, so that a column called "constructor" says nothing of an image until it does. */
function noColumns(): Record<string, string | number> {
  return Object.create(null);
}
