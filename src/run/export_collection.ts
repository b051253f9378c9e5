import { resolve } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import { writeAll, writeAtomic } from "../files/atomic.ts";
import { openCollection } from "../search/collection/collection.ts";
import { csvLines } from "../search/collection/export/csv.ts";
import { encodeNpy } from "../search/collection/export/npy.ts";
import { type ExportTable, exportTable } from "../search/collection/export/table.ts";
import type { RunError } from "./errors.ts";

/** A format that {@linkcode exportCollection} writes. */
export type CollectionFormat = "parquet" | "csv" | "npy";

/** What {@linkcode exportCollection} is asked for. */
export type ExportCollectionRequest = {
  /** The collection's file. */
  readonly collection: string;
  /**
   * "parquet": a row for each image, with its vector as a list. "csv": the same, with a column for each number. "npy":
   * the vectors as a matrix, and a CSV file beside it that says which image each row is.
   */
  readonly format: CollectionFormat;
  /** The file to write. */
  readonly out: string;
  /** The name of the vectors. Default: the only ones that there are. */
  readonly vectors?: string;
};

/** What {@linkcode exportCollection} wrote. */
export type ExportedCollection = {
  readonly files: readonly string[];
  /** Images, each with a row. */
  readonly images: number;
};

/**
 * Writes a collection as other programs read it: what is known of each image, and its vector.
 *
 * @param request The collection, the format and the file.
 * @returns Right the files that were written; left why none were, which {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exportCollection, renderRunError } from "@momentum-contrast/moco";
 *
 * const exported = await exportCollection({ collection: "/no/photos.moco", format: "csv", out: "photos.csv" })();
 * assertEquals(
 *   exported._tag === "Left" && renderRunError(exported.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function exportCollection(request: ExportCollectionRequest): TaskEither<RunError, ExportedCollection> {
  const { vectors, format } = request;
  const out = resolve(request.out);
  return pipe(
    openCollection(resolve(request.collection)),
    TaskEither.flatMapEither((collection) => {
      const table = exportTable(collection, vectors);
      collection.close();
      return table;
    }),
    TaskEither.flatMap((table): TaskEither<RunError, ExportedCollection> =>
      pipe(
        writers[format](table, out),
        TaskEither.map((files) => ({ files, images: table.vectors.ids.length })),
      )
    ),
  );
}

type Write = (table: ExportTable, out: string) => TaskEither<RunError, readonly string[]>;

const writers: Readonly<Record<CollectionFormat, Write>> = {
  parquet: (table, out) => async () => {
    const { encodeParquet } = await import("../search/collection/export/parquet.ts");
    return await write(out, [encodeParquet(table)])();
  },
  csv: (table, out) => write(out, inBytes(csvLines(table, true))),
  npy: (table, out) => {
    const beside = `${out.replace(/\.npy$/, "")}.csv`;
    return pipe(
      write(out, [encodeNpy(table.vectors.values, table.vectors.dim)]),
      TaskEither.flatMap(() => write(beside, inBytes(csvLines(table, false)))),
      TaskEither.map(() => [out, beside]),
    );
  },
};

/** The names of the formats. */
export const collectionFormats: readonly string[] = Object.keys(writers);

/** Whether a name is that of a format. */
export function isCollectionFormat(name: string): name is CollectionFormat {
  return Object.hasOwn(writers, name);
}

function write(path: string, parts: Iterable<Uint8Array>): TaskEither<RunError, readonly string[]> {
  return pipe(
    writeAtomic(path, async (file) => {
      for (const part of parts) await writeAll(file, part);
    }),
    TaskEither.map(() => [path]),
  );
}

/** Lines as bytes, many at a time. */
function* inBytes(lines: Iterable<string>): Generator<Uint8Array> {
  const utf8 = new TextEncoder();
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < 1 << 20) continue;
    yield utf8.encode(text);
    text = "";
  }
  yield utf8.encode(text);
}
