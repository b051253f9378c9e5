/**
 * Lists of images that a user saves in a collection by name.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { Counted } from "./types.ts";

/** Every selection with the number of its images, by name. */
export function selectionsOf({ rows }: Database): readonly Counted[] {
  return rows<readonly [string, number]>("SELECT name, json_array_length(images) FROM selections ORDER BY name")
    .map(([name, count]) => ({ name, count }));
}

/** The numbers of a selection's images, in the order in which they were saved; undefined where there is none. */
export function selectionNamed({ rows }: Database, name: string): Int32Array | undefined {
  const [found] = rows<readonly [string]>("SELECT images FROM selections WHERE name = ?", name);
  return found === undefined ? undefined : Int32Array.from(JSON.parse(found[0]) as readonly number[]);
}

/** Saves a selection in place of the one that may be there. */
export function putSelection({ run }: Database, name: string, ids: ArrayLike<number>): void {
  run("INSERT OR REPLACE INTO selections (name, images) VALUES (?, ?)", name, JSON.stringify(Array.from(ids)));
}

/** Removes a selection; its images stay. */
export function removeSelection({ run }: Database, name: string): void {
  run("DELETE FROM selections WHERE name = ?", name);
}
