import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { parquetReadObjects } from "../../src/dependencies/hyparquet.ts";
import { parseCsv } from "../../src/dependencies/csv_parse.ts";
import { exportCollection } from "../../src/run/export_collection.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { putColumns } from "../../src/search/collection/columns.ts";
import { openDatabase } from "../../src/search/collection/database.ts";
import { opened, put, unitVector } from "../support/collections.ts";
import { left, right } from "../support/either.ts";

const expected = [...unitVector(0), ...unitVector(1), ...unitVector(2)];

/** A folder with a collection of three images, of which little is the same. */
async function inPlace(body: (folder: string, collection: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "photos.moco");
  try {
    put(path, { 'a,"1".jpg': { label: "cat", angle: 0 }, "b.jpg": { angle: 1 }, "c.jpg": { angle: 2 } });
    const database = right(openDatabase(path, "write"));
    putColumns(database, 1, [
      { name: "path", cells: new Map([[1, "line\nbreak"]]) },
      { name: "iso", cells: new Map([[2, "100.5"]]) },
      { name: "column.path", cells: new Map([[2, "other"]]) },
      { name: "v1", cells: new Map([[3, "version"]]) },
    ]);
    database.close();
    const collection = await opened(path, { write: true });
    right(collection.setMap({ ids: Int32Array.of(1, 3), points: Float32Array.of(0.5, 1, 2, 3), settings: {} }));
    right(collection.setClusters({ ids: Int32Array.of(1, 2), clusters: Int32Array.of(0, -1), settings: {} }));
    right(collection.tag([1, 3], "good"));
    right(collection.tag([3], "old car"));
    collection.close();
    await body(folder, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The columns of a CSV text, by name. */
function columnsOf(text: string): Readonly<Record<string, readonly string[]>> {
  const [header, ...rows] = parseCsv(text);
  return Object.fromEntries(header.map((name, column) => [name, rows.map((row) => row[column])]));
}

Deno.test("a collection as CSV has what is known of each image, and its vector", () =>
  inPlace(async (folder, collection) => {
    const out = join(folder, "photos.csv");
    assertEquals(right(await exportCollection({ collection, format: "csv", out })()), { files: [out], images: 3 });
    const columns = columnsOf(await Deno.readTextFile(out));
    assertEquals(columns.path, ['a,"1".jpg', "b.jpg", "c.jpg"]);
    assertEquals(columns.label, ["cat", "", ""]);
    assertEquals([columns.x, columns.y, columns.cluster], [["0.5", "", "2"], ["1", "", "3"], ["0", "-1", ""]]);
    assertEquals([columns["column.path"], columns.iso], [["line\nbreak", "", ""], ["", "100.5", ""]]);
    assertEquals([columns["column.column.path"], columns["column.v1"]], [["", "other", ""], ["", "", "version"]]);
    assertEquals(columns.tags, ["good", "", "good;old car"]);
    const numbers = columns.v0.flatMap((first, row) => [Number(first), Number(columns.v1[row])]);
    assertEquals(numbers, expected);
  }));

Deno.test("nothing that is written takes the place of a collection", () =>
  inPlace(async (folder, collection) => {
    const before = await Deno.readFile(collection);
    for (const format of ["csv", "npy", "parquet"] as const) {
      assertEquals(
        renderRunError(left(await exportCollection({ collection, format, out: collection })())),
        `Cannot write ${collection}: expected no SQLite database in its place, found one`,
      );
    }
    assertEquals(await Deno.readFile(collection), before);
    assert(Deno.readDirSync(folder).every(({ name }) => !name.endsWith(".csv")));
  }));

Deno.test("a collection as .npy is a matrix, with a table of its rows beside it", () =>
  inPlace(async (folder, collection) => {
    const out = join(folder, "photos.npy");
    const { files } = right(await exportCollection({ collection, format: "npy", out })());
    assertEquals(files, [out, join(folder, "photos.csv")]);
    const bytes = await Deno.readFile(out);
    assertEquals([...bytes.subarray(0, 10)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    const header = new TextDecoder().decode(bytes.subarray(10, 128));
    assertMatch(header, /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2\)\} *\n$/);
    assertEquals([...new Float32Array(bytes.buffer.slice(128))], expected);
    const columns = columnsOf(await Deno.readTextFile(files[1]));
    assertEquals([columns.id, columns.v0], [["1", "2", "3"], undefined]);
  }));

Deno.test("a collection as Parquet is read back by another library", () =>
  inPlace(async (folder, collection) => {
    const out = join(folder, "photos.parquet");
    right(await exportCollection({ collection, format: "parquet", out })());
    const rows = await parquetReadObjects({ file: (await Deno.readFile(out)).buffer });
    assertEquals(
      rows.map(({ id, path, label, iso, cluster, x }) => [id, path, label, iso, cluster, x]),
      [
        [1, 'a,"1".jpg', "cat", null, 0, 0.5],
        [2, "b.jpg", null, 100.5, -1, null],
        [3, "c.jpg", null, null, null, 2],
      ],
    );
    assertEquals(rows.flatMap(({ vector }) => vector), expected);
  }));

Deno.test("vectors that are not there are refused, and nothing is written", () =>
  inPlace(async (folder, collection) => {
    const out = join(folder, "photos.csv");
    assertEquals(
      renderRunError(left(await exportCollection({ collection, format: "csv", out, vectors: "none" })())),
      `Cannot read vectors of ${collection}: expected one of toy, found "none"`,
    );
    assertEquals(await Deno.stat(out).catch(() => "nothing"), "nothing");
  }));
