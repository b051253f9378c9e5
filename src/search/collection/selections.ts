/**
 * Lists of images that a user saves in a collection by name.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { Counted } from "./types.ts";

/** A row for each image that is there and in a selection, with its place in it. */
const MEMBERS = "json_each(selections.images) AS member JOIN images ON images.id = member.value AND removed IS NULL";

/** Every selection with the number of its images that are there, by name. */
export function selectionsOf({ rows }: Database): readonly Counted[] {
  return rows<readonly [string, number]>(`SELECT name, (SELECT count(*) FROM ${MEMBERS}) FROM selections ORDER BY name`)
    .map(([name, count]) => ({ name, count }));
}

/**
 * The numbers of a selection's images that are there, in the order in which they were saved; undefined where there is
 * no such selection.
 */
export function selectionNamed({ rows, snapshot }: Database, name: string): Int32Array | undefined {
  return snapshot(() => {
    if (rows("SELECT 1 FROM selections WHERE name = ?", name).length === 0) return undefined;
    const query = `SELECT images.id FROM selections, ${MEMBERS} WHERE name = ? ORDER BY member.key`;
    return Int32Array.from(rows<readonly [number]>(query, name), ([image]) => image);
  });
}

/** Saves a selection in place of the one that may be there. */
export function putSelection({ run }: Database, name: string, ids: ArrayLike<number>): void {
  run("INSERT OR REPLACE INTO selections (name, images) VALUES (?, ?)", name, JSON.stringify(Array.from(ids)));
}

/** Removes a selection; its images stay. */
export function removeSelection({ run }: Database, name: string): void {
  run("DELETE FROM selections WHERE name = ?", name);
}
