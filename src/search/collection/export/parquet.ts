import { ByteWriter, parquetWriteRows } from "../../../dependencies/hyparquet_writer.ts";
import type { ExportTable, Field } from "./table.ts";

/** Rows that are compressed together. */
const GROUP = 10_000;

/** How each kind of column is stored. */
const types = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT32" },
  number: { type: "DOUBLE" },
} as const satisfies Record<Field["kind"], object>;

/**
 * A table as a Parquet file. The vectors are its last column, a list of float32 for each image.
 *
 * @param table The table.
 */
export function encodeParquet({ fields, vectors: { ids, values, dim } }: ExportTable): Uint8Array {
  const writer = new ByteWriter();
  const written = parquetWriteRows({
    writer,
    rowGroupSize: GROUP,
    columns: [...fields.map(({ name }) => ({ name })), { name: "vector" }],
    schema: [
      { name: "root", num_children: fields.length + 1 },
      ...fields.map(({ name, kind }) => ({ name, ...types[kind], repetition_type: "OPTIONAL" as const })),
      { name: "vector", repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
    ],
    rows: (function* () {
      for (let row = 0; row < ids.length; row++) {
        const known = fields.map(({ name, at }) => [name, at(row)] as const);
        yield { ...Object.fromEntries(known), vector: Array.from(values.subarray(row * dim, (row + 1) * dim)) };
      }
    })(),
  });
  if (written !== undefined) {
    throw new TypeError("Cannot write Parquet: expected a writer that is done, found a promise");
  }
  return writer.getBytes();
}
