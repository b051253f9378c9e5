import { assert, assertEquals } from "@std/assert";
import { withCopies } from "../../src/data/copies.ts";
import { digestOf } from "../../src/data/data_digest.ts";
import { inMemory } from "../../src/data/in_order.ts";
import { select } from "../../src/data/select.ts";
import type { ImageFiles } from "../../src/data/types.ts";
import { liveTensors } from "../../src/core/scope.ts";
import { left, right } from "../support/either.ts";
import { jpeg, png, withFiles } from "../support/image_files.ts";

/** A slope from dark at the left to bright at the right, and its colours from red at the top to green at the bottom. */
const slope = (height: number, width: number): number[] =>
  Array.from({ length: height * width * 3 }, (_, n) => {
    const [row, column, channel] = [Math.floor(n / 3 / width), Math.floor(n / 3) % width, n % 3];
    const bright = 255 * column / (width - 1);
    return Math.round(channel === 0 ? bright * (1 - row / height) : channel === 1 ? bright * row / height : bright / 2);
  });

const contents = {
  "small.png": png(slope(12, 20), 12, 20),
  "large.png": png(slope(60, 100), 60, 100),
  "more/tall.jpg": jpeg(slope(90, 50), 90, 50),
  "broken.png": png(slope(60, 100), 60, 100).subarray(0, -40),
  "text.png": "no image",
};

const filesOf = (folder: string): ImageFiles => {
  const paths = Object.keys(contents).map((name) => `${folder}/${name}`);
  return { name: "some", paths, count: paths.length, height: 8, width: 8, channels: 3 };
};

Deno.test("large images get copies, once, which are read in their place and look like them", () =>
  withFiles(contents, async (folder) => {
    const before = liveTensors();
    const notes: string[] = [];
    const cache = `${folder}/cache`;
    const options = { cache, root: folder, shorter: 16, notify: (line: string) => notes.push(line) };
    const files = filesOf(folder);
    const { copies = [], ...others } = right(await withCopies(files, options)());
    assertEquals(others, files);
    assertEquals(copies.map((path) => path === undefined), [true, false, false, true, true]);
    assertEquals(notes, [`Making copies of 3 images of 16 pixels in ${cache}`]);

    // What evaluation sees of a copy is what it sees of the image, within what JPEG and resizing twice change.
    const [original, copied] = [inMemory(files), inMemory({ ...files, copies })].map(({ images }) => images);
    assertEquals([original.length, copied.length], [3 * 8 * 8 * 3, 3 * 8 * 8 * 3]);
    const differences = original.map((value, i) => Math.abs(value - copied[i]));
    assert(Math.max(...differences) <= 8, `they differ by ${Math.max(...differences)} of 255`);
    assertEquals(digestOf({ ...files, copies }), digestOf(files));
    const picked = select({ ...files, copies }, [2, 0]);
    assertEquals([picked.copies, picked.paths], [[copies[2], copies[0]], [files.paths[2], files.paths[0]]]);

    // Nothing is made again, also from a folder that was moved; another side or a changed image is made anew.
    const times = () => [1, 2].map((image) => Deno.statSync(copies[image]!).mtime?.getTime());
    const first = times();
    assertEquals(right(await withCopies(files, options)()).copies, copies);
    assertEquals(times(), first);
    const other = right(await withCopies(files, { ...options, shorter: 20 })()).copies!;
    assertEquals(other.map((path, i) => path === copies[i]), [true, false, false, true, true]);
    assertEquals(liveTensors(), before);
  }));

Deno.test("a copy of a JPEG that is used as far as it goes is used with that option alone", () => {
  const whole = jpeg(slope(90, 50), 90, 50);
  const contents = { "cut.jpg": whole.subarray(0, whole.length - 200), "large.png": png(slope(60, 100), 60, 100) };
  return withFiles(contents, async (folder) => {
    const paths = Object.keys(contents).map((name) => `${folder}/${name}`);
    const files: ImageFiles = { name: "two", paths, count: 2, height: 8, width: 8, channels: 3 };
    const options = { cache: `${folder}/cache`, root: folder, shorter: 16, notify: () => {} };
    const { copies: recovered = [] } = right(await withCopies({ ...files, recover: true }, options)());
    assert(recovered.every((path) => path !== undefined));
    const { copies = [] } = right(await withCopies(files, options)());
    assertEquals(copies, [undefined, recovered[1]]);
  });
});

Deno.test("a copy is turned as its image is displayed, and a folder that cannot be written is a left", async () => {
  const golden = (name: string) => Deno.readFile(new URL(`../golden/images/${name}`, import.meta.url));
  const turned = { "6.jpg": await golden("turned_6.jpg"), "7.jpg": await golden("turned_7.jpg") };
  await withFiles({ ...turned, "file": "" }, async (folder) => {
    const paths = Object.keys(turned).map((name) => `${folder}/${name}`);
    const files: ImageFiles = { name: "two", paths, count: 2, height: 16, width: 16, channels: 3 };
    const options = { cache: `${folder}/cache`, root: folder, shorter: 48, notify: () => {} };
    const copied = right(await withCopies(files, options)());
    const [original, copies] = [inMemory(files), inMemory(copied)].map(({ images }) => images);
    const mean = original.reduce((sum, value, i) => sum + Math.abs(value - copies[i]), 0) / original.length;
    assert(mean <= 4, `they differ by ${mean} of 255 in the mean`);
    const refused = left(await withCopies(files, { ...options, cache: `${folder}/file` })());
    assertEquals(refused._tag, "UnwritableFile");
  });
});
