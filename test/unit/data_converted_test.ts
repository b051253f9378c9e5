/** TIFF, AVIF and HEIC, which are converted to PNG by a decoder of their own. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Either } from "../../src/core/either.ts";
import { convertedFolder } from "../../src/data/converted_file.ts";
import { convertedFormat } from "../../src/data/converted_format.ts";
import { convertibleAmong } from "../../src/data/convertible.ts";
import { renderDataError } from "../../src/data/errors.ts";
import { loadFolder } from "../../src/data/folder.ts";
import { openImage } from "../../src/data/image_source.ts";
import { inMemory } from "../../src/data/in_order.ts";
import type { ImageFile } from "../../src/data/walk.ts";
import { withCache } from "../support/cache_folder.ts";
import { copy } from "../support/copy.ts";
import { left, right } from "../support/either.ts";
import { png, withFiles } from "../support/image_files.ts";
import { tar } from "../support/tar.ts";

const formats = fileURLToPath(new URL("../fixtures/shards/formats", import.meta.url));

/** The central view of the only image in a folder with a copy of a file, and what was said. */
async function viewOf(folder: string, name: string) {
  png([0, 0, 0], 1, 1); // loads the engine, which does not lie in the cache of this test
  const own = `${folder}/${name}-alone`;
  await Deno.mkdir(own);
  await copy(`${formats}/${name}`, `${own}/${name}`);
  const notices: string[] = [];
  return await withCache(`${folder}/cache`, async () => {
    const loaded = await loadFolder(own, { size: 16, notify: (line) => notices.push(line) })();
    if (Either.isLeft(loaded)) throw new Error(renderDataError(loaded.left));
    const { images, skipped } = inMemory(loaded.right.train);
    assertEquals(skipped, undefined);
    return { images, notices: notices.map((line) => line.replaceAll(folder, "PATH")) };
  });
}

Deno.test("a TIFF gives the pixels of the same image as PNG; AVIF and HEIC nearly do, for they lose some", () =>
  withFiles({}, async (folder) => {
    const { images: expected } = await viewOf(folder, "picture.png");
    const { images: tiff, notices } = await viewOf(folder, "picture.tif");
    assertEquals(tiff, expected);
    assert(
      notices.includes(
        "1 TIFF, AVIF or HEIC image is converted to PNG when it is first read, and kept in PATH/cache/data/converted",
      ),
      notices.join("\n"),
    );
    for (const name of ["picture.avif", "picture.heic"]) {
      const { images } = await viewOf(folder, name);
      const mean = images.reduce((sum, value, index) => sum + Math.abs(value - expected[index]), 0) / images.length;
      assert(mean > 0 && mean < 8, `${name}: expected a mean difference below 8 levels, found ${mean}`);
    }
  }));

Deno.test("an image is converted once, and one that would lose bits is refused", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, async () => {
      const { header, contents } = right(openImage(`${formats}/picture.tif`));
      assertEquals([header.encoding, header.height, header.width], ["png", 26, 30]);
      assertEquals(contents, undefined); // what is read are the bytes of the PNG
      const [kept] = Deno.readDirSync(convertedFolder());
      await Deno.writeTextFile(`${convertedFolder()}/${kept.name}`, "another file");
      assertEquals(
        left(openImage(`${formats}/picture.tif`)),
        "expected a JPEG, PNG, GIF, BMP or WebP, found something else",
        "what is kept is used",
      );
      assertEquals(
        left(openImage(`${formats}/deep.tif`)),
        "expected a TIFF of 8 bits a channel, found 16: save it as PNG, whose 16 bits are read",
      );
    })));

Deno.test("a converted image that cannot be kept leaves nothing behind, and only a file counts as kept", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, async () => {
      right(openImage(`${formats}/picture.tif`));
      const [{ name }] = Deno.readDirSync(convertedFolder());
      await Deno.remove(`${convertedFolder()}/${name}`);
      await Deno.mkdir(`${convertedFolder()}/${name}/full`, { recursive: true });
      assertNotEquals(left(openImage(`${formats}/picture.tif`)), "expected a file, found something else");
      assertEquals(Array.from(Deno.readDirSync(convertedFolder()), (entry) => entry.name), [name]);
    })));

Deno.test("the decoder is loaded by the first image that needs it, whatever its name and in whatever thread it is read", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, async () => {
      const path = `${folder}/IMG_1.jpg`;
      await copy(`${formats}/picture.heic`, path);
      const thread = new Worker(new URL("../support/opening_thread.ts", import.meta.url), { type: "module" });
      try {
        const told = new Promise<MessageEvent<string>>((resolve) => thread.onmessage = resolve);
        thread.postMessage(path);
        assertEquals((await told).data, "png");
      } finally {
        thread.terminate();
      }
      await Deno.remove(convertedFolder(), { recursive: true });
      assertEquals(right(openImage(path)).header.encoding, "png");
    })));

Deno.test("a large TIFF, whose places have 64 bits, is read too", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, async () => {
      await Deno.writeFile(`${folder}/large.tif`, largeTiff([1, 2, 3, 4, 5, 6], 2, 3));
      const { header } = right(openImage(`${folder}/large.tif`));
      assertEquals([header.height, header.width], [2, 3]);
    })));

/** A grey TIFF of 8 bits a pixel in the format for large files. */
function largeTiff(pixels: readonly number[], height: number, width: number): Uint8Array {
  const [short, long, wide, count] = [3, 4, 16, 8];
  const start = 32 + 20 * count;
  const entries: readonly (readonly [tag: number, type: number, value: number])[] = [
    ...[[256, long, width], [257, long, height], [258, short, 8], [259, short, 1], [262, short, 1]] as const,
    ...[[273, wide, start], [277, short, 1], [279, wide, pixels.length]] as const,
  ];
  const file = new Uint8Array(start + pixels.length);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 43, 0, 8, 0, 0, 0, 16]);
  view.setBigUint64(16, BigInt(count), true);
  for (const [n, [tag, type, value]] of entries.entries()) {
    const at = 24 + 20 * n;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setBigUint64(at + 4, 1n, true);
    view.setBigUint64(at + 12, BigInt(value), true);
  }
  file.set(pixels, start);
  return file;
}

Deno.test("an image whose PNG cannot be kept says so, and where it should be", () =>
  withFiles({ "cache": "a file" }, (folder) =>
    withCache(`${folder}/cache`, () => {
      const reason = left(openImage(`${formats}/picture.tif`));
      assert(reason.startsWith(`expected to keep its PNG as ${convertedFolder()}`), reason);
    })));

Deno.test("the first bytes of an image say that it is converted, whatever its name, in a folder and in a shard", () =>
  withFiles({}, async (folder) => {
    png([0, 0, 0], 1, 1); // loads the engine, which does not lie in the cache of this test
    const bytes = await Promise.all(["heic", "tif", "png"].map((name) => Deno.readFile(`${formats}/picture.${name}`)));
    const [heic, tiff, plain] = bytes;
    const files = { "IMG_1.jpg": heic, "scan": tiff, "b.png": plain, "named.tif": plain };
    await Deno.mkdir(`${folder}/photos`);
    for (const [name, file] of Object.entries(files)) await Deno.writeFile(`${folder}/photos/${name}`, file);
    await Deno.writeFile(`${folder}/all.tar`, tar(files));
    for (const path of ["photos", "all.tar"]) {
      const notices: string[] = [];
      const notify = (line: string) => void notices.push(line);
      const skipped = await withCache(`${folder}/cache`, async () => {
        const { train } = right(await loadFolder(`${folder}/${path}`, { size: 16, notify })());
        assertEquals(train.count, 4, path);
        return inMemory(train).skipped;
      });
      assertEquals(skipped, undefined, path);
      assert(notices.some((line) => line.startsWith("2 TIFF, AVIF or HEIC images are converted")), notices.join("\n"));
    }
  }));

Deno.test("of many images with a name such as 1.jpg some are looked at, and all where one is named wrongly", () =>
  withFiles({ "a.heic": "", "b.jpg": "" }, async (folder) => {
    await copy(`${formats}/picture.heic`, `${folder}/a.heic`);
    const [wrong, rightly] = ["a.heic", "b.jpg"].map((name) => ({ file: `${folder}/${name}`, start: 0, length: 1 }));
    const images = (wrongAt: readonly number[]): readonly ImageFile[] =>
      Array.from({ length: 3000 }, (_, at) => ({
        path: `${at}.jpg`,
        folders: [],
        part: wrongAt.includes(at) ? wrong : rightly,
      }));
    assertEquals(convertibleAmong(images([1, 2])), []);
    assertEquals(convertibleAmong(images([1, 3])).map(({ path }) => path), ["1.jpg", "3.jpg"]);
  }));

Deno.test("an image is refused for its size before it is decoded", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, () => {
      for (const name of ["picture.tif", "picture.avif", "picture.heic"]) {
        assertEquals(
          left(openImage(`${formats}/${name}`, { pixels: 3_000 })),
          "expected at most 3,000 pixels, found 30x26, of which each counts as four",
        );
      }
      assertEquals([...Deno.readDirSync(folder)].length, 0, "nothing was kept");
    })));

Deno.test("a format is told by its first bytes", () => {
  const formatOf = (name: string) => convertedFormat(Deno.readFileSync(`${formats}/${name}`).subarray(0, 12));
  assertEquals(
    ["picture.tif", "picture.avif", "picture.heic", "picture.png"].map(formatOf),
    ["TIFF", "AVIF", "HEIC", undefined],
  );
});
