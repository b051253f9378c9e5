/**
 * The columns of a table that was joined to a collection's images.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { Column } from "./types.ts";

/** Every column, in the order in which they came. */
export function columnsOf({ rows }: Database): readonly Column[] {
  return rows<readonly [string, Column["kind"]]>("SELECT name, kind FROM columns ORDER BY id")
    .map(([name, kind]) => ({ name, kind }));
}

/** A column with what it says of images, by their numbers. An image that it says nothing of is absent. */
export type FilledColumn = Column & { readonly values: ReadonlyMap<number, string | number> };

/** Puts columns in place of those of the same names. */
export function putColumns(database: Database, columns: readonly FilledColumn[]): void {
  database.transaction(() => {
    for (const { name, kind, values } of columns) {
      database.run(`DELETE FROM column_values WHERE "column" = (SELECT id FROM columns WHERE name = ?)`, name);
      database.run(
        "INSERT INTO columns (name, kind) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind",
        name,
        kind,
      );
      const [[column]] = database.rows<readonly [number]>("SELECT id FROM columns WHERE name = ?", name);
      for (const [image, value] of values) {
        database.run(`INSERT INTO column_values (image, "column", value) VALUES (?, ?, ?)`, image, column, value);
      }
    }
  });
}
