import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { put } from "../support/collections.ts";
import { inFolder, moco, succeeds } from "./program.ts";

const photos = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) =>
    [
      `${i}.jpg`,
      { angle: i / 2 + (i === 11 ? -0.499 : 0), label: i % 2 === 0 ? "even" : "odd", split: i < 8 ? "train" : "test" },
    ] as const),
);

Deno.test("every question about a collection is answered as a table, JSON and CSV", () =>
  inFolder(async (folder) => {
    const collection = join(folder, "photos.moco");
    put(collection, photos);
    const ask = (...words: readonly string[]) => succeeds(...words, "--in", collection);
    const table = await ask("search", "1", "-n", "2");
    assertMatch(table, /similarity +id +path +label\n +0\.87758 +2 +\/photos\/1\.jpg +odd\n/);
    assertStringIncludes(table, "The search was exact.");
    const [found] = JSON.parse(await ask("search", "3", "--not", "1", "--away", "1", "-n", "1", "--json"));
    assertEquals(found.id, 5); // at 2.0: across from what lies between 0 and 1
    assertMatch(
      await ask("duplicates", "--within", "0.5", "--csv", "--list", join(folder, "list")),
      /^group,plan,.*\n1,keep,1,11,/,
    );
    assertEquals(await Deno.readTextFile(join(folder, "list")), "/photos/11.jpg\n");
    assertEquals(JSON.parse(await ask("outliers", "--k", "1", "-n", "3", "--json")).length, 3);
    assertMatch(await ask("leaks", "--threshold", "0.8"), /8\.jpg/);
    assertMatch(await ask("leaks", "--threshold", "-0.9"), /9\.jpg/);
    const beside = JSON.parse(await ask("search", "3", "--not", "1", "--away", "0", "-n", "2", "--json"));
    assertEquals(beside.map(({ id }: { readonly id: number }) => id).sort(), [2, 4]);
    assertMatch(await ask("clusters", "-n", "3"), /3 clusters, saved/);
    assertEquals(JSON.parse(await ask("select", "-n", "4", "--save-as", "four", "--json")).length, 4);
    assertMatch(await ask("map", "--out", join(folder, "map.svg")), /A new map of 12 images/);
    assertMatch(await ask("map", "--rows", "1"), /and 11 more.*\n\n0 images were placed on the map that is there/);
    assertStringIncludes(await Deno.readTextFile(join(folder, "map.svg")), "<svg");
    await ask("search", "1", "--html", join(folder, "found.html")); // the files are not there: captions only
    assertStringIncludes(await Deno.readTextFile(join(folder, "found.html")), "0.878 · odd");
  }));

Deno.test("a question that cannot be asked is refused in one line", () =>
  inFolder(async (folder) => {
    const collection = join(folder, "photos.moco");
    put(collection, photos);
    const said = async (...words: readonly string[]) => {
      const { code, stderr } = await moco(...words);
      return [code, stderr.split("\n")[0]];
    };
    assertEquals(await said("search", "1"), [2, "error: Cannot go on without --in: see --help"]);
    assertEquals(await said("map", "--in", collection, "--colour", "size", "--out", join(folder, "m.svg")), [
      1,
      'error: Cannot colour the map: expected label, split or a column of the collection, found "size"',
    ]);
    assertEquals(await said("map", "--in", collection, "--every", "--out", join(folder, "m.svg")), [
      2,
      "error: Cannot draw every map with --out: see --help",
    ]);
    assertEquals(await said("map", "--in", collection, "--every", "--html", join(folder, "m.html")), [
      2,
      "error: Cannot draw every map with --html: see --help",
    ]);
    assertEquals(await said("select", "--in", collection, "--save-as", ""), [
      2,
      'error: Cannot use --save-as: expected a value, found ""',
    ]);
    assertEquals(await said("duplicates", "--in", collection, "--within", "1"), [
      2,
      "error: Cannot use within: expected a number greater than 0 and below 1, found 1",
    ]);
    assertEquals((await said("outliers", "--in", join(folder, "none")))[0], 1);
  }));
