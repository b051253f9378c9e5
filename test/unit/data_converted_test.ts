/** TIFF, AVIF and HEIC, which are converted to PNG by a decoder of their own. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Either } from "../../src/core/either.ts";
import { convertedFolder, convertedFormat } from "../../src/data/converted_file.ts";
import { prepareConverter } from "../../src/data/converter.ts";
import { renderDataError } from "../../src/data/errors.ts";
import { loadFolder } from "../../src/data/folder.ts";
import { openImage } from "../../src/data/image_source.ts";
import { inMemory } from "../../src/data/in_order.ts";
import { withCache } from "../support/cache_folder.ts";
import { copy } from "../support/copy.ts";
import { left, right } from "../support/either.ts";
import { png, withFiles } from "../support/image_files.ts";

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
      right(await prepareConverter()());
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

Deno.test("an image is refused for its size before it is decoded", () =>
  withFiles({}, (folder) =>
    withCache(`${folder}/cache`, async () => {
      right(await prepareConverter()());
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
