/**
 * A table whose columns are joined to the images of a collection.
 *
 * @module
 */
import { pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import type { MalformedFile } from "../data/errors.ts";
import { reading } from "../files/attempt.ts";
import type { UnreadableFile } from "../files/errors.ts";
import { knownImages } from "../search/collection/additions.ts";
import { putColumns } from "../search/collection/columns.ts";
import type { Database } from "../search/collection/database.ts";
import type { NumberedEncoder } from "../search/collection/encoders.ts";
import { joinColumns, readTable, type Table } from "../search/collection/join_columns.ts";
import type { Note } from "./images.ts";

/** A table, and the key that an image's path has in it. */
export type KeyedTable = Table & { readonly keyOf: (path: string) => string };

/** Reads a table from a CSV file. */
export function readKeyedTable(
  file: string,
  keyOf: KeyedTable["keyOf"],
): TaskEither<UnreadableFile | MalformedFile, KeyedTable> {
  return pipe(
    reading(file, () => Deno.readTextFile(file)),
    TaskEither.flatMapEither((text) => readTable(file, text, keyOf)),
    TaskEither.map((table) => ({ ...table, keyOf })),
  );
}

/** Joins the columns of a table to the images of a source. */
export function joinTable(
  database: Database,
  source: number,
  encoder: NumberedEncoder,
  table: KeyedTable,
  note: Note,
): void {
  const known = [...knownImages(database, source, encoder).values()];
  const { columns, unused } = joinColumns(table, new Map(known.map(({ id, path }) => [table.keyOf(path), id])));
  putColumns(database, source, columns);
  if (unused > 0) note(`${counted(unused, "line")} of the columns ${unused === 1 ? "is" : "are"} about no image here`);
}
