import { resolve } from "node:path";
import { Either } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import { malformed, type MalformedFile } from "../../data/errors.ts";
import { parseCsv } from "../../dependencies/csv_parse.ts";
import type { FilledColumn } from "./columns.ts";

/** The columns of a table, and how many of its lines are of no image. */
export type Joined = { readonly columns: readonly FilledColumn[]; readonly unused: number };

/**
 * Joins the columns of a CSV text to images by path. A column is one of numbers if each of its cells is a number or
 * empty. An empty cell says nothing.
 *
 * @param file The file that the text is from, for messages.
 * @param text The table. One of its columns is called `path`.
 * @param images The number of each image, by the key of its path.
 * @param keyOf The key of a path: what paths to the same image have in common.
 */
export function joinColumns(
  file: string,
  text: string,
  images: ReadonlyMap<string, number>,
  keyOf: (path: string) => string,
): Either<MalformedFile, Joined> {
  const parsed = Either.tryCatch(() => parseCsv(text.replace(/^\ufeff/, "")), reasonOf);
  if (Either.isLeft(parsed)) return wrong(file, 1, "comma-separated values", parsed.left);
  const [header = [], ...lines] = parsed.right;
  const pathColumn = header.indexOf("path");
  if (pathColumn < 0) return wrong(file, 1, "a column path", JSON.stringify(header.join(",")));
  const twice = header.find((name, column) => name === "" || header.indexOf(name) !== column);
  if (twice !== undefined) return wrong(file, 1, "a name for each column", `${JSON.stringify(twice)} for two, or none`);

  const cells = header.map(() => new Map<number, string>());
  const seen = new Map<number, string>();
  let unused = 0;
  for (const [line, row] of lines.entries()) {
    const path = row[pathColumn] ?? "";
    const image = images.get(keyOf(path));
    if (image === undefined) {
      unused++;
      continue;
    }
    if (seen.has(image)) return wrong(file, line + 2, "one line for each image", `a second one for ${path}`);
    seen.set(image, path);
    for (const [column, cell] of row.entries()) if (cell !== "") cells[column]?.set(image, cell);
  }
  const columns = header.flatMap((name, column) => column === pathColumn ? [] : [filled(name, cells[column])]);
  return Either.right({ columns, unused });
}

/** The key of a path below a folder: absolute, and in Unicode's composed form, however the path was written. */
export function pathKey(folder: string, path: string): string {
  return resolve(folder, path).normalize("NFC");
}

function filled(name: string, cells: ReadonlyMap<number, string>): FilledColumn {
  const areNumbers = [...cells.values()].every((cell) => Number.isFinite(Number(cell)));
  if (!areNumbers) return { name, kind: "text", values: cells };
  return { name, kind: "number", values: new Map([...cells].map(([image, cell]) => [image, Number(cell)])) };
}

function wrong(path: string, line: number, expected: string, found: string): Either<MalformedFile, never> {
  return Either.left(malformed(path, { what: `line ${line}`, expected, found }));
}
