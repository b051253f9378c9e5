import { Either } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import { malformed, type MalformedFile } from "../../data/errors.ts";
import { parseCsv } from "../../dependencies/csv_parse.ts";
import type { FilledColumn } from "./columns.ts";

/** A table whose lines are about images. */
export type Table = {
  /** The names of its columns, without that of the paths. */
  readonly names: readonly string[];
  /** The cells of each line in the order of the names, by the key of the line's path. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
};

/**
 * Reads a table from a CSV text. Its first line names the columns, and one of them is called `path`.
 *
 * @param file The file that the text is from, for messages.
 * @param text The text.
 * @param keyOf The key of a path: what paths to the same image have in common.
 */
export function readTable(file: string, text: string, keyOf: (path: string) => string): Either<MalformedFile, Table> {
  const wrong = (line: number, expected: string, found: string): Either<MalformedFile, never> =>
    Either.left(malformed(file, { what: `line ${line}`, expected, found }));
  const parsed = Either.tryCatch(() => parseCsv(text.replace(/^\ufeff/, "")), reasonOf);
  if (Either.isLeft(parsed)) return wrong(1, "comma-separated values", parsed.left);
  const [header = [], ...rows] = parsed.right;
  const pathColumn = header.indexOf("path");
  if (pathColumn < 0) return wrong(1, "a column path", JSON.stringify(header.join(",")));
  const nameless = header.indexOf("");
  if (nameless >= 0) return wrong(1, "a name for each column", `none for column ${nameless + 1}`);
  const twice = header.find((name, column) => header.indexOf(name) !== column);
  if (twice !== undefined) return wrong(1, "each name once", `${JSON.stringify(twice)} twice`);

  const lines = new Map<string, readonly string[]>();
  for (const [index, row] of rows.entries()) {
    const path = row[pathColumn] ?? "";
    const key = keyOf(path);
    if (lines.has(key)) return wrong(index + 2, "one line for each image", `another one for ${path}`);
    lines.set(key, header.map((_, column) => row[column] ?? "").toSpliced(pathColumn, 1));
  }
  return Either.right({ names: header.toSpliced(pathColumn, 1), lines });
}

/** The columns of a table, and how many of its lines are about no image. */
export type Joined = { readonly columns: readonly FilledColumn[]; readonly unused: number };

/**
 * Joins a table to images. An empty cell says nothing.
 *
 * @param table The table.
 * @param images The number of each image, by the key of its path.
 */
export function joinColumns({ names, lines }: Table, images: ReadonlyMap<string, number>): Joined {
  const columns = names.map((name, column): FilledColumn => {
    const cells = [...lines].flatMap(([key, { [column]: cell }]): [number, string][] => {
      const image = images.get(key);
      return image === undefined || cell === "" ? [] : [[image, cell]];
    });
    return { name, cells: new Map(cells) };
  });
  return { columns, unused: [...lines.keys()].filter((key) => !images.has(key)).length };
}
