import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { embed, type EmbedOutcome, type EmbedRequest } from "../../src/run/embed.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { openCollection } from "../../src/search/collection/collection.ts";
import { findMoved } from "../../src/search/collection/moved.ts";
import { silent } from "../../src/train/progress.ts";
import { assertClose } from "../support/close.ts";
import { opened } from "../support/collections.ts";
import { left, right } from "../support/either.ts";
import { png } from "../support/image_files.ts";
import { photoFolder, writePhoto } from "../support/photo_folder.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { tar } from "../support/tar.ts";
import { withCache } from "../support/cache_folder.ts";

/** A test with a folder that has an encoder and six images. */
function test(name: string, body: (place: Place) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [run, photos, to] = ["encoder.safetensors", "photos", "photos.moco"].map((name) => join(folder, name));
      await storeEncoder(run);
      await photoFolder(photos, 3);
      const notes: string[] = [];
      const reporter = { ...silent, note: (text: string) => void notes.push(text) };
      const request = { run, data: { name: "folder", path: photos }, to, reporter } as const;
      await body({ folder, photos, to, notes, request });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

type Place = {
  readonly folder: string;
  readonly photos: string;
  readonly to: string;
  readonly notes: readonly string[];
  readonly request: EmbedRequest;
};

/** What an outcome counts. */
function numbers({ _tag, embedded, left, gone, unusable, counts: { images } }: EmbedOutcome): readonly unknown[] {
  return [_tag, embedded, left, gone, unusable, images];
}

test("every image gets a unit vector, whatever the batch", async ({ request, to, folder, photos }) => {
  const outcome = right(await embed({ ...request, batch: 4 })());
  assertEquals(numbers(outcome), ["Finished", 6, 0, 0, 0, 6]);
  const collection = await opened(to);
  const images = right(collection.images());
  assertEquals(
    images.map(({ path, label, split, width, height, bytes }) => [path, label, split, width, height, bytes > 0]),
    [
      ...["cat/0.png", "cat/1.png", "cat/2.png"].map((path) => [path, "cat", "train", 8, 8, true]),
      ...["dog/0.png", "dog/1.png", "dog/2.png"].map((path) => [path, "dog", "train", 8, 8, true]),
    ],
  );
  assertEquals(images[0].file, join(photos, "cat/0.png"));
  const digests = images.map(({ file }) => createHash("sha256").update(Deno.readFileSync(file!)).digest("hex"));
  assertEquals(images.map(({ digest }) => digest), digests);
  const { values, dim } = right(collection.vectors());
  assertEquals([dim, values.length], [32, 6 * 32]);
  for (let row = 0; row < 6; row++) {
    assertClose(Math.hypot(...values.subarray(row * dim, (row + 1) * dim)), 1, "reduction");
  }
  assertEquals(right(collection.encoders()).map(({ name, size, channels }) => [name, size, channels]), [[
    "encoder",
    8,
    3,
  ]]);
  collection.close();
  const again = join(folder, "again.moco");
  right(await embed({ ...request, to: again })());
  const other = await opened(again);
  assertClose(right(other.vectors()).values, values, "reduction");
  other.close();
});

test("only what is new or changed is embedded, and what is gone is marked", async ({ request, to, photos, folder }) => {
  right(await embed(request)());
  assertEquals(numbers(right(await embed(request)())), ["Finished", 0, 0, 0, 0, 6]);
  const before = await opened(to);
  const vectors = right(before.vectors()).values.slice();
  before.close();

  await writePhoto(join(photos, "cat/0.png"), 99); // changed
  await Deno.utime(join(photos, "cat/1.png"), 1, 1); // the same bytes at another time
  await Deno.rename(join(photos, "dog/0.png"), join(folder, "away.png"));
  await writePhoto(join(photos, "dog/9.png"), 9);
  assertEquals(numbers(right(await embed(request)())), ["Finished", 2, 0, 1, 0, 6]);
  const collection = await opened(to);
  const rows = right(collection.images()).map(({ id, path }) => [id, path]);
  assertEquals(rows, [[1, "cat/0.png"], [2, "cat/1.png"], [3, "cat/2.png"], [5, "dog/1.png"], [6, "dog/2.png"], [
    7,
    "dog/9.png",
  ]]);
  const now = right(collection.vectors()).values;
  assertNotEquals(now.subarray(0, 32), vectors.subarray(0, 32));
  assertEquals(now.subarray(32, 96), vectors.subarray(32, 96));

  await Deno.rename(join(folder, "away.png"), join(photos, "dog/0.png"));
  assertEquals(numbers(right(await embed(request)())), ["Finished", 0, 0, 0, 0, 7]);
  assertEquals(right(collection.vectors()).values.subarray(96, 128), vectors.subarray(96, 128));
  assertEquals(numbers(right(await embed({ ...request, data: { ...request.data, name: "folder", limit: 2 } })())), [
    ...["Finished", 0, 0, 0, 0, 7],
  ]);
  collection.close();
});

test("shards named with braces are there as long as one of them is", async ({ folder, photos, to, request }) => {
  const bytes = async (name: string) => ({ [name]: await Deno.readFile(join(photos, name)) });
  await Deno.mkdir(join(folder, "shards"));
  await Deno.writeFile(
    join(folder, "shards/t-0.tar"),
    tar({ ...await bytes("cat/0.png"), ...await bytes("dog/0.png") }),
  );
  await Deno.writeFile(join(folder, "shards/t-1.tar"), tar(await bytes("cat/1.png")));
  const shards = { name: "folder", path: join(folder, "shards/t-{0..1}.tar") } as const;
  assertEquals(numbers(right(await embed({ ...request, data: shards })())), ["Finished", 3, 0, 0, 0, 3]);
  // The folder has the same images again. Those of the shards are still there.
  const again = right(await embed(request)());
  assertEquals([again.moved, ...numbers(again)], [0, "Finished", 6, 0, 0, 0, 9]);
  const collection = await opened(to);
  assertEquals(right(collection.counts()), { images: 9, removed: 0 });
  collection.close();
});

test("a folder that was moved goes on, with its numbers and tags, and so do files that were renamed", async (place) => {
  const { request, photos, folder, to } = place;
  right(await embed(request)());
  const collection = right(await openCollection(to, { write: true })());
  right(collection.tag([2], "good"));
  const before = right(collection.vectors()).values.slice();

  const now = join(folder, "now");
  await Deno.rename(photos, now);
  await Deno.rename(join(now, "cat/1.png"), join(now, "dog/renamed.png"));
  await Deno.remove(join(now, "dog/2.png"));
  await writePhoto(join(now, "dog/new.png"), 77);
  const there = { ...request, data: { name: "folder", path: now } } as const;
  const outcome = right(await embed(there)());
  assertEquals([outcome.moved, ...numbers(outcome)], [5, "Finished", 1, 0, 1, 0, 6]);
  const images = right(collection.images());
  assertEquals(images.map(({ id, file, label, tags }) => [id, file, label, tags]), [
    [1, join(now, "cat/0.png"), "cat", []],
    [2, join(now, "dog/renamed.png"), "dog", ["good"]],
    [3, join(now, "cat/2.png"), "cat", []],
    [4, join(now, "dog/0.png"), "dog", []],
    [5, join(now, "dog/1.png"), "dog", []],
    [7, join(now, "dog/new.png"), "dog", []],
  ]);
  assertEquals(right(collection.vectors()).values.subarray(0, 5 * 32), before.subarray(0, 5 * 32));
  assertEquals(numbers(right(await embed(there)())), ["Finished", 0, 0, 0, 0, 6]);

  await Deno.rename(join(now, "cat/0.png"), join(now, "cat/first.png"));
  const renamed = right(await embed(there)());
  assertEquals([renamed.moved, ...numbers(renamed)], [1, "Finished", 0, 0, 0, 0, 6]);
  collection.close();
});

test("a copy of a folder that is still there is embedded, and takes nothing from it", async ({ request, photos, folder }) => {
  right(await embed(request)());
  await photoFolder(join(folder, "copy"), 3);
  const outcome = right(await embed({ ...request, data: { name: "folder", path: join(folder, "copy") } })());
  assertEquals([outcome.moved, ...numbers(outcome)], [0, "Finished", 6, 0, 0, 0, 12]);
  assertEquals(numbers(right(await embed({ ...request, data: { name: "folder", path: photos } })())), [
    ...["Finished", 0, 0, 0, 0, 12],
  ]);
});

test("of images in tar files, too, only what is new or changed is embedded, and what is gone is marked", async (place) => {
  const { request, photos, folder } = place;
  const shards = join(folder, "shards");
  await Deno.mkdir(shards);
  const read = async (name: string) => await Deno.readFile(join(photos, name));
  const files = {
    "a.png": await read("cat/0.png"),
    "b.png": await read("cat/1.png"),
    "c.png": await read("cat/2.png"),
  };
  const inShards = { ...request, data: { name: "folder", path: shards } } as const;
  const write = (files: Readonly<Record<string, Uint8Array>>) => Deno.writeFile(join(shards, "images.tar"), tar(files));
  await write(files);
  assertEquals(numbers(right(await embed(inShards)())), ["Finished", 3, 0, 0, 0, 3]);
  assertEquals(numbers(right(await embed(inShards)())), ["Finished", 0, 0, 0, 0, 3]);
  // The shard is a new file, in which each image lies elsewhere.
  const { "c.png": _, ...kept } = files;
  await write({ "0.png": await read("dog/0.png"), ...kept, "b.png": await read("dog/1.png") });
  assertEquals(numbers(right(await embed(inShards)())), ["Finished", 2, 0, 1, 0, 3]);
  assertEquals(numbers(right(await embed(inShards)())), ["Finished", 0, 0, 0, 0, 3]);
});

test("images of Parquet files and TFRecords are embedded once", async ({ request, folder }) => {
  for (const kind of ["parquet", "tfrecord"]) {
    const path = fileURLToPath(new URL(`../fixtures/shards/${kind}`, import.meta.url));
    const shards = { ...request, data: { name: "folder", path }, to: join(folder, `${kind}.moco`) } as const;
    assertEquals(numbers(right(await withCache(folder, embed(shards)))), ["Finished", 8, 0, 0, 0, 8]);
    assertEquals(numbers(right(await withCache(folder, embed(shards)))), ["Finished", 0, 0, 0, 0, 8]);
  }
});

test("a stop is heard after a batch, and the same request goes on from there", async ({ request }) => {
  let asked = 0;
  const interrupt = () => ({ requested: () => ++asked === 2, close: () => {} });
  assertEquals(numbers(right(await embed({ ...request, batch: 2, interrupt })())), ["Interrupted", 4, 2, 0, 0, 4]);
  assertEquals(numbers(right(await embed({ ...request, batch: 2 })())), ["Finished", 2, 0, 0, 0, 6]);
});

test("an image that cannot be read is left out and named, and one that no longer can be is gone", async (place) => {
  const { request, photos, notes } = place;
  await Deno.writeTextFile(join(photos, "cat/3.png"), "no image");
  assertEquals(numbers(right(await embed(request)())), ["Finished", 6, 0, 0, 1, 6]);
  assertEquals(
    notes.filter((note) => note.startsWith("Left out") && note.includes("cat/3.png")).length,
    1,
    notes.join("\n"),
  );
  await Deno.writeTextFile(join(photos, "dog/1.png"), "no image any more");
  assertEquals(numbers(right(await embed(request)())), ["Finished", 0, 0, 1, 2, 5]);
});

test("another encoder is refused and changes nothing, or stands beside the first by name", async ({ request, folder, to }) => {
  right(await embed(request)());
  const other = join(folder, "other.safetensors");
  await storeEncoder(other, { seed: 1 });
  const before = await Deno.readFile(to);
  assertMatch(
    renderRunError(left(await embed({ ...request, run: other })())),
    /^Cannot add vectors to .*photos\.moco: expected those of encoder \(\w{8}\), found those of other \(\w{8}\)\. To keep/,
  );
  assertEquals(await Deno.readFile(to), before);
  assertEquals(numbers(right(await embed({ ...request, run: other, as: "second" })())), ["Finished", 6, 0, 0, 0, 6]);
  const collection = await opened(to);
  assertEquals(right(collection.encoders()).map(({ name }) => name), ["encoder", "second"]);
  assertNotEquals(right(collection.vectors("second")).values, right(collection.vectors("encoder")).values);
  collection.close();
});

test("with its mirror image an image has the vector that its mirror image has, and otherwise not", async (place) => {
  const { request, folder, to } = place;
  const pair = join(folder, "pair");
  const pixels = Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * i) % 251);
  const at = (row: number, column: number) => pixels.slice(3 * (8 * row + column), 3 * (8 * row + column + 1));
  const mirrored = Array.from({ length: 64 }, (_, place) => at(Math.floor(place / 8), 7 - place % 8)).flat();
  await Deno.mkdir(pair);
  await Deno.writeFile(join(pair, "a.png"), png(pixels, 8, 8));
  await Deno.writeFile(join(pair, "b.png"), png(mirrored, 8, 8));
  const data = { name: "folder", path: pair } as const;
  right(await embed({ ...request, data, augment: { evaluationMirrored: true } })());
  assertMatch(renderRunError(left(await embed({ ...request, data })())), /^Cannot add vectors/);
  right(await embed({ ...request, data, as: "plain" })());
  const collection = await opened(to);
  const halves = (name: string) => {
    const { values, dim } = right(collection.vectors(name));
    return [values.subarray(0, dim), values.subarray(dim)] as const;
  };
  const [own, other] = halves("encoder");
  assertClose(own, other, "reduction");
  const [plain, turned] = halves("plain");
  assertNotEquals(plain.map((x) => Math.round(100 * x)), turned.map((x) => Math.round(100 * x)));
  collection.close();
});

test("images in memory are embedded, as grey or in colour as the encoder takes them", async ({ request, folder, to }) => {
  const idx = join(folder, "images-idx3-ubyte");
  const header = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 8];
  await Deno.writeFile(idx, Uint8Array.from([...header, ...Array.from({ length: 5 * 64 }, (_, i) => (i * i) % 251)]));
  const data = { name: "idx", path: idx } as const;
  assertEquals(numbers(right(await embed({ ...request, data })())), ["Finished", 5, 0, 0, 0, 5]);
  assertEquals(numbers(right(await embed({ ...request, data })())), ["Finished", 0, 0, 0, 0, 5]);
  const collection = await opened(to);
  assertEquals(right(collection.images([5])).map(({ path, bytes, file }) => [path, bytes, file]), [[
    "train/4",
    64,
    undefined,
  ]]);
  collection.close();
  const grey = join(folder, "grey.safetensors");
  await storeEncoder(grey, { channels: 1 });
  const photos = right(await embed({ ...request, run: grey, to: join(folder, "grey.moco") })());
  assertEquals([photos.encoder.channels, photos.embedded], [1, 6]);
  // The first layer of a vision transformer is frozen, and lies among the buffers.
  const vit = join(folder, "vit.safetensors");
  await storeEncoder(vit, { channels: 1, encoder: { name: "vit-tiny", depth: 1 } });
  assertEquals(right(await embed({ ...request, run: vit, to: join(folder, "vit.moco") })()).encoder.channels, 1);
});

test("what a number would change is a text", async ({ request, folder, to }) => {
  const columns = join(folder, "columns.csv");
  await Deno.writeTextFile(
    columns,
    "path,zip,id,hex,size,small\ncat/0.png,0042,12345678901234567890,0x10,-1.50,1e-3\ncat/1.png,17,1,1,.5,0\n",
  );
  right(await embed({ ...request, columns })());
  const collection = await opened(to);
  assertEquals(right(collection.columns()).map(({ kind }) => kind), ["text", "text", "text", "number", "number"]);
  const [first] = right(collection.images()).filter(({ path }) => path === "cat/0.png");
  assertEquals({ ...first.columns }, {
    ...{ zip: "0042", id: "12345678901234567890", hex: "0x10" },
    ...{ size: -1.5, small: 0.001 },
  });
  collection.close();
});

test("what is asked of images without naming any is asked of the run's", async ({ request, folder, photos, to }) => {
  const run = join(folder, "lr-0.5.safetensors");
  await storeEncoder(run, { data: { name: "folder", path: photos, labels: "none" } });
  const { data: _, ...alone } = { ...request, run };
  const limited = right(await embed({ ...alone, data: { limit: 2 } })());
  assertEquals([limited.embedded, limited.encoder.name], [2, "lr-0.5"]);
  const other = await photoFolder(join(folder, "other"), 1);
  right(await embed({ ...alone, data: { path: other } })());
  const collection = await opened(to);
  assertEquals(right(collection.sources()).map(({ name, path }) => [name, path]), [["folder", photos], [
    "folder",
    other,
  ]]);
  assertEquals(right(collection.images()).map(({ label }) => label), [undefined, undefined, "cat", "dog"]);
  collection.close();
});

test("vectors are called after the run's folder or the file", async ({ request, folder }) => {
  const called = async (...names: readonly string[]) => {
    const run = join(folder, ...names);
    await Deno.mkdir(dirname(run), { recursive: true });
    await storeEncoder(run);
    return right(await embed({ ...request, run, to: join(folder, `${names.at(-1)}.moco`) })()).encoder.name;
  };
  assertEquals(await called("v1.5.safetensors"), "v1.5");
  assertEquals(await called("runs", "v1.5", "checkpoints", "best.safetensors"), "v1.5-best");
  const run = join(folder, "runs", "v1.5");
  const checkpoints = join(run, "checkpoints");
  await Deno.rename(join(checkpoints, "best.safetensors"), join(checkpoints, "step-00000000.safetensors"));
  assertEquals(right(await embed({ ...request, run, to: join(folder, "run.moco") })()).encoder.name, "v1.5");
});

test("what a column says of another folder's images stays, and is of one kind with the new", async (place) => {
  const { request, folder, to } = place;
  const [columns, copy] = [join(folder, "columns.csv"), join(folder, "copy")];
  await photoFolder(copy, 3);
  const joined = async (cells: string, data = request.data) => {
    await Deno.writeTextFile(columns, `path,iso\n${cells}`);
    right(await embed({ ...request, data, columns })());
    const collection = await opened(to);
    const said = right(collection.images()).map(({ columns }) => columns.iso);
    const [{ kind }] = right(collection.columns());
    collection.close();
    return [kind, said.filter((cell) => cell !== undefined)];
  };
  const other = { name: "folder", path: copy } as const;
  assertEquals(await joined("cat/0.png,100\ncat/1.png,200\n"), ["number", [100, 200]]);
  assertEquals(await joined("cat/0.png,400\n", other), ["number", [100, 200, 400]]);
  assertEquals(await joined("cat/0.png,auto\n", other), ["text", ["100", "200", "auto"]]);
  assertEquals(await joined("cat/0.png,800\n", other), ["number", [100, 200, 800]]);
  assertEquals(await joined("cat/1.png,300\n"), ["number", [300, 800]]);
});

test("the columns of a table are joined by path", async ({ request, folder, to, notes }) => {
  const columns = join(folder, "columns.csv");
  await Deno.writeTextFile(
    columns,
    `camera,path,iso,"odd "" name"\nLeica,cat/0.png,100,a\n,dog/2.png,,b\nx,none.png,5,c\n`,
  );
  right(await embed({ ...request, columns })());
  const collection = await opened(to);
  assertEquals(right(collection.columns()), [
    { name: "camera", kind: "text" },
    { name: "iso", kind: "number" },
    { name: 'odd " name', kind: "text" },
  ]);
  assertEquals(right(collection.images([1, 6, 2])).map(({ columns }) => columns), [
    { camera: "Leica", iso: 100, 'odd " name': "a" },
    { 'odd " name': "b" },
    {},
  ]);
  assert(notes.includes("1 line of the columns is about no image here"), notes.join("\n"));
  collection.close();
  const wrong = [
    ["name,iso\na,1\n", `line 1: expected a column path, found "name,iso"`],
    ["path,a,a\n", `line 1: expected each name once, found "a" twice`],
    ["path,a,\n", "line 1: expected a name for each column, found none for column 3"],
    [
      "path,a\ncat/0.png,1\n./cat/0.png,2\n",
      "line 3: expected one line for each image, found another one for ./cat/0.png",
    ],
  ];
  for (const [text, fault] of wrong) {
    await Deno.writeTextFile(columns, text);
    assertEquals(renderRunError(left(await embed({ ...request, columns })())), `Cannot read ${columns}: ${fault}`);
  }
});

Deno.test("of lost images with the same contents, those of the same path are found first, and each comes once", async () => {
  const lost = [1, 2].map((id) => ({ id, path: `${id}.png`, digest: "same", bytes: 9 }));
  const movedTo = (...paths: readonly string[]) => {
    const found = paths.map((path) => ({ path, bytes: 9, modified: 0, split: "train" }) as const);
    return findMoved([0, 1, 2], found, lost, () => Promise.resolve("same"));
  };
  assertEquals(await movedTo("2.png", "new.png", "third.png"), [{ place: 0, id: 2 }, { place: 1, id: 1 }]);
  // A new name that comes first does not take the image of a path that comes later.
  assertEquals(await movedTo("0.png", "1.png", "2.png"), [{ place: 1, id: 1 }, { place: 2, id: 2 }]);
});
