/**
 * The vectors of a collection's images.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { NumberedEncoder } from "./encoders.ts";
import { vectorTable } from "./schema.ts";
import type { CollectionVectors } from "./types.ts";

/** Vectors that are read at a time, so that few lie in memory twice. */
const BLOCK = 512;

/**
 * The vectors of every image that is there.
 *
 * One row for each vector costs 0.1 s for 60,000 of 128 numbers. Blocks of many vectors in a row would cost half of
 * that, and a new block for each image that changes.
 */
export function vectorsOf({ rows, snapshot }: Database, { id, dim }: NumberedEncoder): CollectionVectors {
  const table = vectorTable(id);
  const counting = `SELECT count(*) FROM ${table} JOIN images ON images.id = ${table}.image WHERE removed IS NULL`;
  const query = `SELECT image, vector FROM ${table} JOIN images ON images.id = ${table}.image
    WHERE removed IS NULL AND image > ? ORDER BY image LIMIT ${BLOCK}`;
  return snapshot(() => {
    const [[count]] = rows<[number]>(counting);
    const ids = new Int32Array(count);
    const values = new Float32Array(count * dim);
    const bytes = new Uint8Array(values.buffer);
    for (let row = 0; row < count;) {
      for (const [image, vector] of rows<[number, Uint8Array]>(query, ids[row - 1] ?? 0)) {
        ids[row] = image;
        bytes.set(vector, row * dim * 4);
        row++;
      }
    }
    return { ids, values, dim };
  });
}

/** Puts the vector of an image into its row, in place of the one that may be there. */
export function putVector({ run }: Database, encoder: NumberedEncoder, image: number, vector: Float32Array): void {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  run(`INSERT OR REPLACE INTO ${vectorTable(encoder.id)} (image, vector) VALUES (?, ?)`, image, bytes);
}
