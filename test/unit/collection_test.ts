import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { Either } from "../../src/core/either.ts";
import { DatabaseSync } from "../../src/dependencies/sqlite.ts";
import { knownImages, markRemoved, refresh } from "../../src/search/collection/additions.ts";
import { openCollection } from "../../src/search/collection/collection.ts";
import { putColumns } from "../../src/search/collection/columns.ts";
import { type Database, openDatabase } from "../../src/search/collection/database.ts";
import { encoderFor, encoderNamed } from "../../src/search/collection/encoders.ts";
import { renderCollectionError } from "../../src/search/collection/errors.ts";
import { imagesOf } from "../../src/search/collection/images.ts";
import { vectorsOf } from "../../src/search/collection/vectors.ts";
import { encoder, opened, put, unitVector } from "../support/collections.ts";
import { left, right } from "../support/either.ts";
import { canMount, fillDisk, makeReadOnly, onSmallDisk } from "../support/small_disk.ts";

/** A test with a folder of its own. */
function test(name: string, body: (folder: string) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await body(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** What the user is told when a collection cannot be opened, or its vectors cannot be read. */
async function refusal(path: string, options: { readonly write?: boolean } = {}): Promise<string> {
  const collection = await openCollection(path, options)();
  if (Either.isLeft(collection)) return renderCollectionError(collection.left);
  try {
    return renderCollectionError(left(collection.right.vectors()));
  } finally {
    collection.right.close();
  }
}

test("a collection gives back what was put into it, by several readers while one writes", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { label: "cat", angle: 0 }, "in/b.jpg": { angle: 1 } });
  const [first, second] = [await opened(path), await opened(path)];
  const writer = right(openDatabase(path, "write"));
  writer.transaction(() => {
    writer.run("UPDATE images SET label = 'dog'");
    assertEquals(right(first.images()).map(({ label }) => label), ["cat", undefined]);
  });
  assertEquals(right(second.images()).map(({ label }) => label), ["dog", "dog"]);
  const { ids, values, dim } = right(first.vectors());
  assertEquals([[...ids], [...values], dim], [[1, 2], [...unitVector(0), ...unitVector(1)], 2]);
  assertEquals(right(first.encoders()), [encoder]);
  assertEquals(right(first.sources()), [{ id: 1, name: "folder", path: "/photos" }]);
  assertEquals(right(first.images(Int32Array.of(2, 9, 1))).map(({ file }) => file), [
    join("/photos", "in/b.jpg"),
    join("/photos", "a.jpg"),
  ]);
  [first, second, writer].forEach((each) => each.close());
});

test("vectors and images are those of one moment, whatever is written between two queries", (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 }, "b.jpg": { angle: 1 } });
  const [database, writer] = [right(openDatabase(path, "read")), right(openDatabase(path, "write"))];
  const toy = right(encoderNamed(database));
  let queries = 0;
  /** The collection, in which the other program removes an image after each query. */
  const disturbed = (image: number): Database => ({
    ...database,
    rows: (sql, ...values) => {
      if (queries++ > 10) throw new Error("It asks without end"); // as it did where queries saw different moments
      const found = database.rows<never>(sql, ...values);
      markRemoved(writer, [image], 77);
      return found;
    },
  });
  assertEquals([...vectorsOf(disturbed(1), toy).ids], [1, 2]);
  assertEquals(imagesOf(disturbed(2)).map(({ id }) => id), [2]); // image 1 went before
  [database, writer].forEach((each) => each.close());
});

test("programs that make the same collection at the same moment all open it", async (folder) => {
  const code = `
    import { openDatabase } from ${JSON.stringify(new URL("../../src/search/collection/database.ts", import.meta.url))};
    self.onmessage = ({ data: { paths, arrived } }) => {
      const here = new Int32Array(arrived);
      const failures = paths.flatMap((path, round) => {
        Atomics.add(here, round, 1);
        while (Atomics.load(here, round) < 3);
        try {
          const opened = openDatabase(path, "create");
          if (opened._tag === "Left") return [JSON.stringify(opened.left)];
          opened.right.close();
          return [];
        } catch (thrown) {
          return [String(thrown)];
        }
      });
      self.postMessage(failures);
    };`;
  const paths = Array.from({ length: 60 }, (_, round) => join(folder, `${round}.moco`));
  const arrived = new SharedArrayBuffer(4 * paths.length);
  const source = `data:application/typescript,${encodeURIComponent(code)}`;
  const workers = [1, 2, 3].map(() => new Worker(source, { type: "module" }));
  try {
    const answers = workers.map((worker) =>
      new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage({ paths, arrived });
      })
    );
    assertEquals(await Promise.all(answers), [[], [], []]);
  } finally {
    workers.forEach((worker) => worker.terminate());
  }
});

Deno.test(
  "why a collection on a read-only disk is not read, and what helps, is said",
  { ignore: !canMount },
  () =>
    onSmallDisk(400, async (folder) => {
      const path = join(folder, "photos.moco");
      put(path, { "a.jpg": { angle: 0 } });
      await makeReadOnly(folder);
      assertMatch(
        await refusal(path),
        /^Cannot read .*photos.moco: SQLite cannot open it. .* copy the collection/,
      );
    }).then((done) => assert(done)),
);

test("more vectors than are read at a time come whole and in order", async (folder) => {
  const path = join(folder, "many.moco");
  const names = Array.from({ length: 10_000 }, (_, i) => `${i}.jpg`);
  put(path, Object.fromEntries(names.map((name, i) => [name, { angle: i }])));
  const collection = await opened(path);
  const { ids, values } = right(collection.vectors());
  assertEquals([...ids], names.map((_, i) => i + 1));
  assertEquals([...values], names.flatMap((_, i) => [...unitVector(i)]));
  collection.close();
});

test("an image that changed loses what was made of it and keeps what was said of it", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 }, "b.jpg": { angle: 1 } });
  put(path, { "a.jpg": { angle: 2 }, "b.jpg": { angle: 3 } }, { name: "other", digest: "cd".repeat(32) });
  const collection = await opened(path, { write: true });
  const ids = Int32Array.of(1, 2);
  right(collection.setMap({ ids, points: Float32Array.of(1, 2, 3, 4), settings: { neighbours: 15 } }, "toy"));
  right(collection.setClusters({ ids, clusters: Int32Array.of(0, -1), settings: null }, "toy"));
  right(collection.tag(ids, "good"));
  put(path, { "a.jpg": { angle: 0.5, digest: "changed" }, "b.jpg": { angle: 1 } });
  assertEquals([...right(collection.vectors("toy")).values], [...unitVector(0.5), ...unitVector(1)]);
  assertEquals([...right(collection.vectors("other")).ids], [2]);
  const map = right(collection.map("toy"))!;
  assertEquals([[...map.ids], [...map.points], map.settings], [[2], [3, 4], { neighbours: 15 }]);
  assertEquals([...right(collection.clusters("toy"))!.clusters], [-1]);
  assertEquals(right(collection.map("other")), undefined);
  assertEquals([...right(collection.tagged("good"))], [1, 2]);
  collection.close();
});

test("an image that is gone is left out of everything, and comes back with its vector", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 }, "b.jpg": { angle: 1 } });
  const collection = await opened(path, { write: true });
  const ids = Int32Array.of(1, 2);
  right(collection.setMap({ ids, points: new Float32Array(4), settings: {} }));
  right(collection.setClusters({ ids, clusters: new Int32Array(2), settings: {} }));
  right(collection.tag(ids, "good"));
  right(collection.select([2, 1], "saved"));
  const database = right(openDatabase(path, "write"));
  markRemoved(database, [1], 77);
  assertEquals(right(collection.counts()), { images: 1, removed: 1 });
  const seen = () =>
    [
      right(collection.images()).map(({ id }) => id),
      [...right(collection.vectors()).ids],
      [...right(collection.map())!.ids],
      [...right(collection.clusters())!.ids],
      [...right(collection.tagged("good"))],
      right(collection.selection("saved"))!.toSorted(),
      right(collection.tags()).map(({ count }) => count),
      right(collection.selections()).map(({ count }) => count),
    ].map((numbers) => [...numbers]);
  assertEquals(seen(), [[2], [2], [2], [2], [2], [2], [1], [1]]);
  assertEquals(right(collection.images([1]))[0].removed, 77);
  const known = knownImages(database, 1, right(encoderNamed(database))).get("a.jpg")!;
  assert(known.isRemoved && known.hasVector);
  refresh(database, [{ ...known, label: "cat" }]);
  assertEquals(seen(), [...Array(6).fill([1, 2]), [2], [2]]);
  assertEquals([...right(collection.selection("saved"))!], [2, 1]);
  assertEquals(right(collection.images([1]))[0].label, "cat");
  database.close();
  collection.close();
});

test("what is written is on the disk before the next thing is", (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 } });
  const database = right(openDatabase(path, "write"));
  const FULL = 2;
  assertEquals(database.rows("PRAGMA synchronous"), [[FULL]]);
  database.close();
});

test("tags, selections and columns may have any name", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 }, "b.jpg": { angle: 1 } });
  const odd = `"'; DROP TABLE images; -- é`;
  const database = right(openDatabase(path, "write"));
  putColumns(database, 1, [
    { name: odd, cells: new Map([[1, odd]]) },
    { name: "size", cells: new Map([[1, "1.5"], [2, "-3"]]) },
  ]);
  putColumns(database, 1, [{ name: odd, cells: new Map([[2, "7"]]) }]);
  const collection = await opened(path, { write: true });
  right(collection.tag([1, 2, 99], odd));
  right(collection.untag([1], odd));
  right(collection.select([2, 1], odd));
  assertEquals(right(collection.columns()), [{ name: odd, kind: "number" }, { name: "size", kind: "number" }]);
  assertEquals(right(collection.images()).map(({ tags, columns }) => [tags, columns]), [
    [[], { size: 1.5 }],
    [[odd], { size: -3, [odd]: 7 }],
  ]);
  assertEquals(right(collection.tags()), [{ name: odd, count: 1 }]);
  assertEquals(right(collection.selections()), [{ name: odd, count: 2 }]);
  assertEquals([...right(collection.selection(odd))!], [2, 1]);
  right(collection.deselect(odd));
  assertEquals(right(collection.selection(odd)), undefined);
  collection.close();
  database.close();
});

test("a column says nothing of an image that it does not name, whatever it is called", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 }, "b.jpg": { angle: 1 } });
  const names = ["constructor", "toString", "__proto__"];
  const database = right(openDatabase(path, "write"));
  putColumns(database, 1, names.map((name) => ({ name, cells: new Map([[1, "x"]]) })));
  database.close();
  const collection = await opened(path);
  assertEquals(right(collection.images()).map(({ columns }) => names.map((name) => columns[name])), [
    ["x", "x", "x"],
    [undefined, undefined, undefined],
  ]);
  collection.close();
});

test("two programs that add the same encoder at one moment have one", (folder) => {
  const path = join(folder, "photos.moco");
  const [first, second] = [right(openDatabase(path, "create")), right(openDatabase(path, "create"))];
  /** The collection, to which the other program adds the encoder just before this one begins to write. */
  const late: Database = {
    ...first,
    transaction: (body) => {
      right(encoderFor(second, encoder, false));
      return first.transaction(body);
    },
  };
  assertEquals(right(encoderFor(late, encoder, false)).id, 1);
  [first, second].forEach((each) => each.close());
});

test("vectors of another encoder are refused, and stand beside the first ones under a name of their own", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 } });
  const database = right(openDatabase(path, "write"));
  const other = { ...encoder, name: "other", digest: "cd".repeat(32) };
  assertEquals(
    renderCollectionError(left(encoderFor(database, other, false))),
    `Cannot add vectors to ${path}: expected those of toy (abababab), found those of other (cdcdcdcd). ` +
      "To keep both, name the new ones with --as.",
  );
  assertEquals(left(encoderFor(database, { ...other, name: "toy" }, true))._tag, "OtherEncoder");
  assertEquals(left(encoderFor(database, { ...encoder, name: "again" }, true)).expected, ["toy (abababab)"]);
  assertEquals(right(encoderFor(database, other, true)).id, 2);
  assertEquals(right(encoderFor(database, other, false)).id, 2);
  assertEquals(right(encoderFor(database, encoder, false)).id, 1);
  const collection = await opened(path);
  assertEquals(
    [undefined, "third"].map((name) => renderCollectionError(left(collection.vectors(name)))),
    ["no name", `"third"`].map((found) => `Cannot read vectors of ${path}: expected one of toy, other, found ${found}`),
  );
  assertEquals(right(collection.vectors("other")).ids.length, 0);
  collection.close();
  database.close();
});

test("what is no collection is refused in one line and left as it was", async (folder) => {
  const at = (name: string) => join(folder, name);
  await Deno.writeTextFile(at("text"), "a text ".repeat(1000));
  await Deno.writeTextFile(at("empty"), "");
  const foreign = new DatabaseSync(at("foreign"));
  foreign.exec("CREATE TABLE mine (a)");
  foreign.close();
  const expected = "expected a collection, as moco embed makes it, found";
  const refused = [
    ["text", "a file of another kind"],
    ["foreign", "another program's SQLite file"],
    ["empty", "an empty file"],
  ];
  for (const [name, found] of refused) {
    const before = await Deno.readFile(at(name));
    assertEquals(await refusal(at(name)), `Cannot open ${at(name)}: ${expected} ${found}`);
    assertEquals(await refusal(at(name), { write: true }), `Cannot open ${at(name)}: ${expected} ${found}`);
    if (name !== "empty") assertEquals(left(openDatabase(at(name), "create"))._tag, "NotACollection");
    assertEquals(await Deno.readFile(at(name)), before);
  }
  assertEquals(await refusal(folder), `Cannot open ${folder}: ${expected} a folder`);
  assertEquals(await refusal(at("none")), `Cannot read ${at("none")}: no such file or folder`);
  assertMatch(
    renderCollectionError(left(openDatabase(at("no/folder"), "create"))),
    /^Cannot write .*no\/folder: no such file or folder$/,
  );
});

test("a collection without vectors says so", async (folder) => {
  const path = join(folder, "new.moco");
  right(openDatabase(path, "create")).close();
  assertEquals(
    await refusal(path),
    `Cannot read vectors of ${path}: expected images that were embedded, found none`,
  );
});

test("a collection of a newer version is refused in one line", async (folder) => {
  const path = join(folder, "new.moco");
  put(path, { "a.jpg": { angle: 0 } });
  const file = new DatabaseSync(path);
  file.exec("PRAGMA user_version = 9");
  file.close();
  assertEquals(
    await refusal(path),
    `Cannot open ${path}: expected a collection of version 1 at most, found version 9. ` +
      "Use the version of moco that made it, or a newer one.",
  );
});

test("damage is told in one line, whether it is met on opening or on reading", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}.jpg`, { angle: i }])));
  const bytes = await Deno.readFile(path);
  const says =
    `Cannot read ${path}: the collection is damaged (database disk image is malformed). Embed into a new file.`;
  await Deno.writeFile(path, bytes.subarray(0, bytes.length / 2));
  assertEquals(await refusal(path), says);
  await Deno.writeFile(path, bytes.slice().fill(7, 4096));
  assertEquals(await refusal(path), says);
  const database = right(openDatabase(join(folder, "other.moco"), "create"));
  database.run("DROP TABLE tags");
  database.close();
  const collection = await opened(join(folder, "other.moco"));
  assertEquals(left(collection.tags())._tag, "DamagedCollection");
  collection.close();
});

test("a collection that was opened for reading refuses to be written to", async (folder) => {
  const path = join(folder, "photos.moco");
  put(path, { "a.jpg": { angle: 0 } });
  const collection = await opened(path);
  assertEquals(
    renderCollectionError(left(collection.tag([1], "good"))),
    `Cannot write ${path}: it was opened for reading only`,
  );
  collection.close();
});

Deno.test({
  name: "a disk that fills is told in one line, and the last whole transaction stays",
  ignore: !canMount,
  fn: async () => {
    await onSmallDisk(1024, async (folder) => {
      const path = join(folder, "photos.moco");
      put(path, { "a.jpg": { angle: 0 } });
      const collection = await opened(path, { write: true });
      right(collection.tag([1], "before"));
      await fillDisk(folder);
      const long = "x".repeat(200_000);
      assertEquals(
        renderCollectionError(left(collection.select(new Int32Array(200_000), long))),
        `Cannot write ${path}: no space left on the device`,
      );
      assertEquals([...right(collection.tagged("before"))], [1]);
      await Deno.remove(join(folder, "ballast"));
      right(collection.tag([1], "after"));
      assertEquals(right(collection.tags()).length, 2);
      collection.close();
    });
  },
});
