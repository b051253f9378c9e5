/**
 * The columns of a table that was joined to a collection's images.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { isNumber } from "./is_number.ts";
import type { Column } from "./types.ts";

/** Every column, in the order in which they came. */
export function columnsOf({ rows }: Database): readonly Column[] {
  return rows<readonly [string, Column["kind"]]>("SELECT name, kind FROM columns ORDER BY id")
    .map(([name, kind]) => ({ name, kind }));
}

/** A column with its cells as they are written, by the images' numbers. An image that it says nothing of is absent. */
export type FilledColumn = { readonly name: string; readonly cells: ReadonlyMap<number, string> };

/**
 * Puts columns in place of what those of the same names said of a source's images. What they say of the images of
 * other sources stays.
 *
 * A column is one of numbers if everything that it says is a number, of whichever source.
 */
export function putColumns(database: Database, source: number, columns: readonly FilledColumn[]): void {
  database.transaction(() => columns.forEach((column) => putColumn(database, source, column)));
}

function putColumn({ rows, run }: Database, source: number, { name, cells }: FilledColumn): void {
  run("INSERT INTO columns (name, kind) VALUES (?, 'text') ON CONFLICT (name) DO NOTHING", name);
  const [[column]] = rows<readonly [number]>("SELECT id FROM columns WHERE name = ?", name);
  run(
    `DELETE FROM column_values WHERE "column" = ? AND image IN (SELECT id FROM images WHERE source = ?)`,
    column,
    source,
  );
  const others = rows<readonly [number, string | number]>(
    `SELECT image, value FROM column_values WHERE "column" = ?`,
    column,
  );
  const areNumbers = [...others, ...cells].every(([, value]) => typeof value === "number" || isNumber(value));
  run("UPDATE columns SET kind = ? WHERE id = ?", areNumbers ? "number" : "text", column);
  const changed = others.filter(([, value]) => (typeof value === "number") !== areNumbers);
  for (const [image, value] of [...changed, ...cells]) {
    run(
      `INSERT OR REPLACE INTO column_values (image, "column", value) VALUES (?, ?, ?)`,
      image,
      column,
      areNumbers ? Number(value) : String(value),
    );
  }
}
