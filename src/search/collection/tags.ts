/**
 * Words that a user gives to images of a collection.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { Counted } from "./types.ts";

/** Every tag with the number of images that bear it, by name. */
export function tagsOf({ rows }: Database): readonly Counted[] {
  return rows<readonly [string, number]>(
    `SELECT tag, count(*) FROM tags JOIN images ON images.id = image WHERE removed IS NULL GROUP BY tag ORDER BY tag`,
  ).map(([name, count]) => ({ name, count }));
}

/** The numbers of the images that bear a tag and are there. */
export function taggedWith({ rows }: Database, tag: string): Int32Array {
  const images = rows<readonly [number]>(
    "SELECT image FROM tags JOIN images ON images.id = image WHERE tag = ? AND removed IS NULL ORDER BY image",
    tag,
  );
  return Int32Array.from(images, ([image]) => image);
}

/** Gives images a tag. */
export function putTag(database: Database, ids: ArrayLike<number>, tag: string): void {
  database.transaction(() => {
    for (const image of Array.from(ids)) {
      database.run("INSERT OR IGNORE INTO tags (image, tag) SELECT id, ? FROM images WHERE id = ?", tag, image);
    }
  });
}

/** Takes a tag from images. */
export function removeTag(database: Database, ids: ArrayLike<number>, tag: string): void {
  database.transaction(() => {
    for (const image of Array.from(ids)) database.run("DELETE FROM tags WHERE image = ? AND tag = ?", image, tag);
  });
}
