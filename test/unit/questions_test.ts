import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TaskEither } from "../../src/core/either.ts";
import { findingsCsv, findingsJson, findingsPage, renderFindings } from "../../src/report/findings.ts";
import { clusterFindings, clusters } from "../../src/run/clusters.ts";
import { writeContactSheet } from "../../src/run/contact_sheet.ts";
import { drawMap, mapFindings } from "../../src/run/draw_map.ts";
import { duplicateFindings, duplicates, writeDuplicateList } from "../../src/run/duplicates.ts";
import { embed } from "../../src/run/embed.ts";
import { renderRunError, type RunError } from "../../src/run/errors.ts";
import { sharpnessOf } from "../../src/run/pictures.ts";
import { leakFindings, leaks } from "../../src/run/leaks.ts";
import { outlierFindings, outliers } from "../../src/run/outliers.ts";
import { search, type Searched, searchFindings } from "../../src/run/search.ts";
import { select, selectFindings } from "../../src/run/select.ts";
import { buildIndex, recallOf } from "../../src/search/approximate.ts";
import { markRemoved } from "../../src/search/collection/additions.ts";
import { openDatabase } from "../../src/search/collection/database.ts";
import { silent } from "../../src/train/progress.ts";
import { assertClose } from "../support/close.ts";
import { opened, type Photos, put } from "../support/collections.ts";
import { left, right } from "../support/either.ts";
import { photoFolder } from "../support/photo_folder.ts";
import { storeEncoder } from "../support/stored_encoder.ts";
import { tar } from "../support/tar.ts";

/** Images around the directions 0 and 2; one by itself at 4; "b", which is "a" again, smaller. */
const photos: Photos = {
  "a.jpg": { angle: 0, label: "cat" },
  "b.jpg": { angle: 0.005, label: "cat", width: 320 },
  "c.jpg": { angle: 0.3, label: "cat" },
  "d.jpg": { angle: 2, label: "dog" },
  "e.jpg": { angle: 2.25, label: "dog" },
  "f.jpg": { angle: 4 },
};

function test(
  name: string,
  body: (collection: string, folder: string) => Promise<void>,
  images: Photos = photos,
): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const collection = join(folder, "photos.moco");
      put(collection, images);
      await body(collection, folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const pathsOf = ({ queries }: Searched) => queries.map(({ found }) => found.map(({ image }) => image.path));

test("a search by number leaves the image itself out, and others lead away", async (collection) => {
  const near = right(await search({ collection, like: [1], count: 3 })());
  assertEquals(pathsOf(near), [["b.jpg", "c.jpg", "d.jpg"]]);
  assertClose(near.queries[0].found.map(({ similarity }) => similarity), [0.005, 0.3, 2].map(Math.cos), "reduction");
  const mean = right(await search({ collection, like: [1, 4], count: 1 })()); // between 0 and 2
  assertEquals([mean.queries[0].name, pathsOf(mean)], ["the mean of 2 images", [["c.jpg"]]]);
  const away = right(await search({ collection, like: [4], notLike: [1], away: 1, count: 2 })());
  assertEquals(pathsOf(away), [["e.jpg", "f.jpg"]]);
  const each = right(await search({ collection, like: [1, 4], each: true, count: 1 })());
  assertEquals(pathsOf(each), [["b.jpg"], ["e.jpg"]]);
  assertEquals(each.queries.map(({ name }) => name), ["image 1", "image 4"]);
});

test("a search that cannot be made says why in one line", async (collection, folder) => {
  const said = async (request: Parameters<typeof search>[0]) => renderRunError(left(await search(request)()));
  assertEquals(
    await said({ collection, like: [99] }),
    `Cannot search by image 99: expected an image with a vector in ${collection}, found none of that number`,
  );
  assertEquals(
    await said({ collection, like: [join(folder, "none.jpg")] }),
    `Cannot read ${join(folder, "none.jpg")}: no such file or folder`,
  );
  assertMatch(
    await said({ collection, like: [1], notLike: [1], away: 1 }),
    /^Cannot search: expected images to be like, found none/,
  );
  assertMatch(await said({ collection: join(folder, "none.moco"), like: [1] }), /^Cannot read .*none.moco/);
});

test("a question with a field that makes no sense is refused, and the field is named", async (collection) => {
  const refused: readonly (readonly [TaskEither<RunError, unknown>, string])[] = [
    [search({ collection, like: [1], count: -1 }), "count: expected a whole number of at least 1, found -1"],
    [search({ collection, like: [1], count: 1.5 }), "count: expected a whole number of at least 1, found 1.5"],
    [search({ collection, like: [1], notLike: [4], away: NaN }), "away: expected a number of at least 0, found NaN"],
    [clusters({ collection, count: 0 }), "count: expected a whole number of at least 1, found 0"],
    [clusters({ collection, seed: -1 }), "seed: expected a whole number of at least 0, found -1"],
    [select({ collection, count: 0 }), "count: expected a whole number of at least 1, found 0"],
    [select({ collection, count: 1, saveAs: "" }), 'saveAs: expected a name, found ""'],
    [outliers({ collection, k: 0 }), "k: expected a whole number of at least 1, found 0"],
    [drawMap({ collection, k: 0 }), "k: expected a whole number of at least 1, found 0"],
    [drawMap({ collection, minimum: 1 }), "minimum: expected a number of at least 0 and below 1, found 1"],
    [duplicates({ collection, within: 1 }), "within: expected a number greater than 0 and below 1, found 1"],
    [
      duplicates({ collection, threshold: -1 }),
      "threshold: expected a number greater than -1 and at most 1, found -1",
    ],
    [
      leaks({ collection, threshold: 1.01 }),
      "threshold: expected a number greater than -1 and at most 1, found 1.01",
    ],
  ];
  for (const [asked, expected] of refused) assertEquals(renderRunError(left(await asked())), `Cannot use ${expected}`);
  assertEquals(right(await clusters({ collection, count: undefined })()).length, 6);
});

test("a map whose images are all gone is drawn anew, and neighbours are no more than there are", async (collection) => {
  const first = right(await drawMap({ collection, k: 50 })());
  assertEquals([first.isNew, first.placed], [true, 6]);
  const database = right(openDatabase(collection, "write"));
  markRemoved(database, [1, 2, 3, 4, 5, 6], 77);
  database.close();
  put(collection, { "g.jpg": { angle: 1 }, "h.jpg": { angle: 2 }, "i.jpg": { angle: 3 } });
  const second = right(await drawMap({ collection })());
  assertEquals([second.isNew, second.places.map(({ image }) => image.path)], [true, ["g.jpg", "h.jpg", "i.jpg"]]);
});

test(
  "of duplicates the one with the most pixels is kept, and the others are listed, not deleted",
  async (collection, folder) => {
    const found = right(await duplicates({ collection, threshold: 0.99 })());
    const plan = found.groups.map(({ keep, others }) => [keep.path, others.map(({ image }) => image.path)]);
    assertEquals(plan, [["a.jpg", ["b.jpg"]]]);
    const list = join(folder, "list.txt");
    right(await writeDuplicateList(found, list)());
    assertEquals(await Deno.readTextFile(list), "/photos/b.jpg\n");
    const notes: string[] = [];
    const broken = { ...found.groups[0].others[0], image: { ...found.groups[0].keep, file: "/photos/a\n/etc/b.jpg" } };
    const two = { groups: [{ ...found.groups[0], others: [...found.groups[0].others, broken] }] };
    right(await writeDuplicateList(two, list, (note) => notes.push(note))());
    assertEquals(await Deno.readTextFile(list), "/photos/b.jpg\n");
    assertEquals(notes, [
      `Left out of ${list}: 1 file with a line break in the name, for example /photos/a\\u000a/etc/b.jpg`,
    ]);
    const rows = JSON.parse(findingsJson(duplicateFindings(found)));
    assertEquals(rows.map(({ plan, path }: Record<string, string>) => [plan, path]), [
      ["keep", "/photos/a.jpg"],
      ["duplicate", "/photos/b.jpg"],
    ]);
    const wide = right(await duplicates({ collection, threshold: 0.9, keep: "first" })());
    assertEquals(wide.groups.map(({ keep, others }) => [keep.id, others.map(({ image }) => image.id)]), [
      [1, [2, 3]],
      [4, [5]],
    ]);
    const near = right(await duplicates({ collection, within: 0.01 })());
    assertEquals(near.groups, found.groups);
    assertMatch(
      duplicateFindings(near).note,
      /^1 groups? of images that are at most 0\.01 times as far from each other/,
    );
    const none = right(await duplicates({ collection, threshold: 1 })());
    assertStringIncludes(renderFindings(duplicateFindings(none), 10), "No two images");
  },
);

test("the image that is by itself is the first outlier", async (collection) => {
  const found = right(await outliers({ collection, k: 2, count: 2 })());
  assertEquals(found.map(({ image }) => image.path).slice(0, 1), ["f.jpg"]);
  assertEquals(found[0].nearest.path, "e.jpg");
  const chord = (angle: number) => 2 * Math.sin(angle / 2);
  assertClose(found[0].distance, (chord(1.75) + chord(2)) / 2, "reduction");
  assertEquals(JSON.parse(findingsJson(outlierFindings(found)))[0].path, "f.jpg");
});

test("an approximate index that finds other images that are as near has found what there is to find", async () => {
  const values = Float32Array.from({ length: 2 * 300 }, (_, at) => at % 2 === 0 ? 1 : 0); // 300 equal vectors
  assertEquals((await buildIndex({ values, dim: 2 })).recall, 1);
});

Deno.test("the recall of an index counts the nearest others, and not the image itself", () => {
  const angles = Array.from({ length: 50 }, (_, row) => row / 10);
  const vectors = { values: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])), dim: 2 };
  // Finds the image itself, and then images from the other end of the arc.
  const rowOf = (x: number, y: number) => Math.round(10 * ((Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI)));
  const search = (queries: Float32Array, k: number) => {
    const rows = Array.from(
      { length: queries.length / 2 },
      (_, query) => rowOf(queries[2 * query], queries[2 * query + 1]),
    );
    const keys = rows.flatMap((row) => [row, ...Array.from({ length: k - 1 }, (_, i) => row < 25 ? 49 - i : i)]);
    return [
      BigUint64Array.from(keys, BigInt),
      new Float32Array(keys.length),
      new BigUint64Array(rows.length).fill(BigInt(k)),
    ] as const;
  };
  const recall = recallOf({ search, size: () => 50 }, vectors);
  assert(recall < 0.1, `recall ${recall}`);
});

Deno.test("a list of 200,000 lines is printed", () => {
  const rows = Array.from({ length: 200_000 }, (_, row) => [row]);
  const printed = renderFindings({ title: "", note: "", columns: ["id"], rows, sheet: [] }, rows.length);
  assertStringIncludes(printed, "\n199999\n");
});

test("an approximate index is built once, says its recall, and is built again for other vectors", async (collection) => {
  const notes: string[] = [];
  const reporter = { ...silent, note: (text: string) => void notes.push(text) };
  const ask = async () => right(await search({ collection, like: [1], count: 1, index: "usearch", reporter })());
  const built = await ask();
  // Its threads build another graph each time, which hardly ever misses one of so few.
  assertEquals(pathsOf(built), [["b.jpg"]]);
  assert(built.recall! > 0.9, `recall ${built.recall}`);
  assertStringIncludes(searchFindings(built).note, "The search was approximate");
  assertEquals([await ask(), notes.length], [built, 1]);
  put(collection, { "g.jpg": { angle: 0.0001 } });
  assertEquals([pathsOf(await ask()), notes.length], [[["g.jpg"]], 2]);
});

const halves: Photos = {
  "train/a.jpg": { angle: 0 },
  "train/b.jpg": { angle: 1 },
  "test/c.jpg": { angle: 1.01, split: "test" },
  "test/d.jpg": { angle: 3, split: "test" },
};

test("test images that are nearly training images are leaks", async (collection) => {
  const found = right(await leaks({ collection })());
  assertEquals(found.map(({ test, train }) => [test.path, train.path]), [["test/c.jpg", "train/b.jpg"]]);
  assertStringIncludes(renderFindings(leakFindings(found), 5), "Found 1 test image with a near duplicate");
}, halves);

test("without test images there is nothing that could leak", async (collection) => {
  assertMatch(renderRunError(left(await leaks({ collection })())), /found no test images$/);
});

test("clusters are saved in the collection, the largest first", async (collection) => {
  const found = right(await clusters({ collection, count: 3 })());
  assertEquals(found.map(({ size, label }) => [size, label?.name, label?.share]), [
    [3, "cat", 1],
    [2, "dog", 1],
    [1, undefined, undefined],
  ]);
  const saved = await opened(collection);
  assertEquals([...right(saved.clusters())!.clusters], [0, 0, 0, 1, 1, 2]);
  saved.close();
  assertEquals(clusterFindings(found).rows.map((row) => row[4]), ["b.jpg", "d.jpg", "f.jpg"]);
});

test("a selection is spread out, saved by name, and unlike what has labels", async (collection) => {
  const found = right(await select({ collection, count: 3, saveAs: "mine" })());
  const saved = await opened(collection);
  assertEquals([...right(saved.selection("mine"))!], found.map(({ image }) => image.id));
  saved.close();
  assertEquals(new Set(found.map(({ image }) => image.label)).size, 3);
  assertEquals(right(await select({ collection, count: 1, besidesLabelled: true })()).map(({ image }) => image.path), [
    "f.jpg",
  ]);
  assertEquals(
    renderRunError(left(await select({ collection, count: 7 })())),
    `Cannot use ${collection}: expected 7 images with vectors or more, found 6`,
  );
  assertEquals(selectFindings(found).rows.length, 3);
});

test("a map is saved, and gone on with when images come", async (collection, folder) => {
  const first = right(await drawMap({ collection })());
  assertEquals([first.isNew, first.placed, first.places.length], [true, 6, 6]);
  const placesOf = (map: typeof first) => map.places.map(({ image, x, y }) => [image.path, x, y]);
  put(collection, { "g.jpg": { angle: 0.1 } });
  const second = right(await drawMap({ collection })());
  assertEquals([second.isNew, second.placed, second.places.length], [false, 1, 7]);
  assertEquals(placesOf(second).slice(0, 6), placesOf(first));
  const third = right(await drawMap({ collection })());
  assertEquals([third.placed, placesOf(third)], [0, placesOf(second)]);
  const again = right(await drawMap({ collection, again: true })());
  assertEquals([again.isNew, again.placed], [true, 7]);
  assertStringIncludes(mapFindings(again).note, "A new map of 7 images");
  right(await drawMap({ collection, picture: { path: join(folder, "map.svg") } })());
  const svg = await Deno.readTextFile(join(folder, "map.svg"));
  assert(["cat", "dog", "none"].every((name) => svg.includes(`>${name}<`)), "a legend");
  right(await drawMap({ collection, picture: { path: join(folder, "map.png"), colour: "split" } })());
  assertEquals((await Deno.readFile(join(folder, "map.png"))).subarray(1, 4), new TextEncoder().encode("PNG"));
  const refused = async (name: string, colour: string) =>
    renderRunError(left(await drawMap({ collection, picture: { path: join(folder, name), colour } })()));
  assertMatch(await refused("x.svg", "size"), /found "size"$/);
  assertMatch(await refused("x.jpg", "label"), /x.jpg: expected a name that ends in .svg or .png$/);
  right(await drawMap({ collection, picture: { path: join(folder, "x.SVG") } })());
  assertEquals((await Deno.readTextFile(join(folder, "x.SVG"))).slice(0, 4), "<svg");
});

test(
  "images that are the same are in one cluster, although more were asked for",
  async (collection) => {
    const found = right(await clusters({ collection, count: 6 })());
    assertEquals(found.map(({ size, central }) => [size, central.length]), [[3, 3], [1, 1]]);
    assertStringIncludes(clusterFindings(found).note, "2 clusters");
  },
  { "a.jpg": { angle: 0 }, "b.jpg": { angle: 0 }, "c.jpg": { angle: 0 }, "d.jpg": { angle: 2 } },
);

Deno.test("a search finds the encoder again whatever its file is called: our checkpoint, or another program's", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [ours, images] = ["encoder.pth", "photos"].map((name) => join(folder, name));
    const theirs = fileURLToPath(new URL("../fixtures/interchange/timm_vit.safetensors", import.meta.url));
    await storeEncoder(ours);
    await photoFolder(images, 3);
    const encoders = [{ run: ours }, { weights: ours }, { weights: theirs }];
    for (const [index, encoder] of encoders.entries()) {
      const collection = join(folder, `${index}.moco`);
      right(await embed({ ...encoder, data: { name: "folder", path: images }, to: collection })());
      const { queries } = right(await search({ collection, like: [join(images, "cat/1.png")], count: 1 })());
      assertEquals(queries[0].found[0].image.path, "cat/1.png");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("of duplicates pixels count before bytes, and of equals the first is kept", async (_, folder) => {
  const collection = join(folder, "alike.moco");
  put(collection, {
    ...{ "small.jpg": { angle: 0, bytes: 2000 }, "wide.jpg": { angle: 0, width: 700 } },
    ...{ "packed.jpg": { angle: 1 }, "fine.jpg": { angle: 1, bytes: 1001 } },
    ...{ "one.jpg": { angle: 2 }, "two.jpg": { angle: 2 } },
  });
  const kept = async (keep: "largest" | "first") =>
    right(await duplicates({ collection, threshold: 0.999, keep })()).groups.map(({ keep }) => keep.path);
  assertEquals(await kept("largest"), ["wide.jpg", "fine.jpg", "one.jpg"]);
  assertEquals(await kept("first"), ["small.jpg", "packed.jpg", "one.jpg"]);
});

Deno.test("files are searched by with the encoder of the collection, and shown on a contact sheet", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [run, images, collection] = ["encoder.safetensors", "photos", "photos.moco"].map((name) =>
      join(folder, name)
    );
    await storeEncoder(run);
    await photoFolder(images, 3);
    right(await embed({ run, data: { name: "folder", path: images }, to: collection })());
    const one = right(await search({ collection, like: [join(images, "cat/1.png")], count: 6 })());
    assertEquals(pathsOf(one)[0][0], "cat/1.png");
    assertClose(one.queries[0].found[0].similarity, 1, "reduction");
    const all = right(await search({ collection, like: [images], each: true, count: 1 })());
    assertEquals(pathsOf(all).flat(), ["cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/2.png"]);
    const page = join(folder, "found.html");
    right(await writeContactSheet({ collection }, searchFindings(one), page)());
    const html = await Deno.readTextFile(page);
    assertEquals(html.match(/<img src="data:image\/png;base64,/g)?.length, 6);
    const sharp = right(await duplicates({ collection, threshold: 0.5, keep: "sharpest" })());
    assertEquals(sharp.groups.flatMap(({ others }) => others).length + sharp.groups.length, 6);
    await storeEncoder(run, { seed: 8 });
    const changed = renderRunError(left(await search({ collection, like: [join(images, "cat/1.png")] })()));
    assertMatch(
      changed,
      /expected the encoder that made its vectors encoder, found another one in .*encoder.safetensors/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("images of shards and of STL-10 are shown, compared and searched by", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [run, collection] = ["encoder.safetensors", "images.moco"].map((name) => join(folder, name));
    await storeEncoder(run);
    const photos = await photoFolder(join(folder, "photos"), 2);
    const names = ["cat/0.png", "cat/1.png", "dog/0.png"];
    const bytes = await Promise.all(
      names.map(async (name) => [name, await Deno.readFile(join(photos, name))] as const),
    );
    await Deno.mkdir(join(folder, "shards"));
    await Deno.writeFile(join(folder, "shards/a.tar"), tar(Object.fromEntries(bytes)));
    await Deno.mkdir(join(folder, "stl/stl10_binary"), { recursive: true });
    const square = 3 * 96 * 96;
    const grey = Uint8Array.from({ length: 2 * square }, (_, i) => i < square ? 90 : i % 256); // the second one is sharp
    await Deno.writeFile(join(folder, "stl/stl10_binary/unlabeled_X.bin"), grey);
    right(
      await embed({ run, data: { name: "folder", path: join(folder, "shards") }, to: collection, reporter: silent })(),
    );
    const unlabelled = { name: "stl10", path: join(folder, "stl"), images: "unlabelled" } as const;
    right(await embed({ run, data: unlabelled, to: collection, reporter: silent })());

    const found = right(await search({ collection, like: [join(folder, "shards")], each: true, count: 1 })());
    assertEquals(pathsOf(found), names.map((name) => [`a.tar/${name}`]));
    const all = right(await search({ collection, like: [1], count: 5 })());
    const page = join(folder, "found.html");
    right(await writeContactSheet({ collection }, searchFindings(all), page)());
    assertEquals((await Deno.readTextFile(page)).match(/<img src="data:image\/png;base64,/g)?.length, 4);
    const sharp = right(await duplicates({ collection, threshold: -0.999, keep: "sharpest" })());
    const shown = await opened(collection);
    const scores = right(await sharpnessOf(shown, right(shown.images()), () => {})());
    shown.close();
    assertEquals([...scores].map(([, score]) => score > 0), [true, true, true, false, true]);
    assertEquals(sharp.groups[0].keep.id, [...scores].toSorted(([, a], [, b]) => b - a)[0][0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("findings are cut in the table, whole in JSON and CSV, and escaped in each", () => {
  const findings = {
    title: "A <title>",
    note: "A note.",
    columns: ["path", "similarity"],
    rows: [['a "b", c.jpg', 0.123456789], ["d.jpg", 1]],
    sheet: [{ title: "<row>", images: [{ id: 1, caption: "<b>" }] }],
  };
  assertEquals(
    renderFindings(findings, 1),
    `path          similarity\na "b", c.jpg     0.12346\nand 1 more: --rows, --json and --csv show them\n\nA note.`,
  );
  assertEquals(findingsCsv(findings), 'path,similarity\n"a ""b"", c.jpg",0.123456789\nd.jpg,1');
  assertEquals(JSON.parse(findingsJson(findings)), [
    { path: 'a "b", c.jpg', similarity: 0.123456789 },
    { path: "d.jpg", similarity: 1 },
  ]);
  const html = findingsPage(findings, new Map([[1, "data:image/png;base64,AA=="]]));
  assertStringIncludes(html, '<img src="data:image/png;base64,AA==" alt="Image 1">');
  assert(!html.includes("<b>") && !html.includes("<row>"));
});
