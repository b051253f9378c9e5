/** STL-10's binary version, of which these files hold a few images. */
import { assertEquals } from "@std/assert";
import { renderDataError } from "../../src/data/errors.ts";
import { inMemory } from "../../src/data/in_order.ts";
import { loadStl10, type Stl10Images, stl10Part } from "../../src/data/stl10.ts";
import { png, withFiles } from "../support/image_files.ts";
import { loadFolder } from "../../src/data/folder.ts";
import type { ImageFiles } from "../../src/data/types.ts";
import { oneImage } from "../../src/serve/one_image.ts";

const side = 96;

/** The pixel at a row and column of an image, red, green and blue. */
const pixel = (image: number, row: number, column: number) => [
  (row + 3 * image) % 256,
  (2 * column + image) % 256,
  (row + column) % 256,
];

/** An image as STL-10 stores it: plane by plane, column by column. */
function stored(image: number): number[] {
  const bytes: number[] = [];
  for (let channel = 0; channel < 3; channel++) {
    for (let column = 0; column < side; column++) {
      for (let row = 0; row < side; row++) bytes.push(pixel(image, row, column)[channel]);
    }
  }
  return bytes;
}

/** The same image row by row. */
function asPng(image: number): Uint8Array {
  const pixels = Array.from({ length: side * side }, (_, at) => pixel(image, Math.floor(at / side), at % side)).flat();
  return png(pixels, side, side);
}

const files = {
  "stl10_binary/train_X.bin": Uint8Array.from([0, 1, 2].flatMap(stored)),
  "stl10_binary/train_y.bin": Uint8Array.of(1, 10, 3),
  "stl10_binary/test_X.bin": Uint8Array.from(stored(3)),
  "stl10_binary/test_y.bin": Uint8Array.of(2),
  "stl10_binary/unlabeled_X.bin": Uint8Array.from([4, 5].flatMap(stored)),
  "stl10_binary/class_names.txt": Array.from({ length: 10 }, (_, index) => `class ${index}\n`).join(""),
};

async function load(folder: string, images: Stl10Images = "labelled") {
  const loaded = await loadStl10(folder, images)();
  if (loaded._tag === "Left") return renderDataError(loaded.left).replaceAll(folder, "PATH");
  return loaded.right;
}

async function loaded(folder: string, images?: Stl10Images) {
  const split = await load(folder, images);
  if (typeof split === "string") throw new Error(split);
  return split;
}

Deno.test("images of STL-10 are those of the same pixels as PNG files, in the same order", () =>
  withFiles(
    { ...files, "folder/0.png": asPng(0), "folder/1.png": asPng(1), "folder/2.png": asPng(2) },
    async (path) => {
      const { train, test } = await loaded(path);
      const folder = await loadFolder(`${path}/folder`, { size: side })();
      if (folder._tag === "Left") throw new Error(renderDataError(folder.left));
      assertEquals(inMemory(train).images, inMemory(folder.right.train).images);
      assertEquals([[...train.labels!], [...test!.labels!]], [[0, 9, 2], [1]]);
      assertEquals([train.classes?.[9], test!.classes?.[0]], ["class 9", "class 0"]);
      assertEquals(await loaded(`${path}/stl10_binary`), { train, test }, "the folder itself");
    },
  ));

Deno.test("the images without labels are trained on where that is said", () =>
  withFiles(files, async (path) => {
    const { train, test } = await loaded(path, "unlabelled");
    assertEquals([train.count, train.labels, test], [2, undefined, undefined]);
  }));

Deno.test("an image of STL-10 is found again by the path that a listing gave it", () =>
  withFiles({ ...files, "five.png": asPng(5) }, async (path) => {
    const source = { id: 1, name: "stl10", path };
    const found = await oneImage(
      { kind: "data set", source, half: "train", path: "stl10_binary/unlabeled_X.bin/1" },
      { size: side, channels: 3 },
    );
    const same = await oneImage({ kind: "file", file: `${path}/five.png` }, { size: side, channels: 3 });
    assertEquals(inMemory(found as ImageFiles).images, inMemory(same as ImageFiles).images);
    for (const outside of ["../unlabeled_X.bin/1", "stl10_binary/other_X.bin/1", "train_X.bin/a"]) {
      assertEquals(stl10Part(path, outside), undefined);
    }
  }));

Deno.test("files of another length, or with other labels, are refused in a line", async () => {
  const cut = files["stl10_binary/train_X.bin"].subarray(1);
  const cases: readonly [Record<string, Uint8Array | string>, string][] = [
    [{ "a.txt": "" }, "Cannot read PATH/train_X.bin: no such file or folder"],
    [
      { "train_X.bin": cut },
      "Cannot read PATH/train_X.bin: the length: expected a multiple of 27,648 bytes, found 82,943",
    ],
    [
      { "train_X.bin": files["stl10_binary/train_X.bin"], "train_y.bin": Uint8Array.of(1, 2) },
      "Cannot read PATH/train_y.bin: the length: expected 3 labels, found 2",
    ],
    [
      { "train_X.bin": files["stl10_binary/train_X.bin"], "train_y.bin": Uint8Array.of(1, 2, 0) },
      "Cannot read PATH/train_y.bin: a label: expected 1 to 10, found 0",
    ],
  ];
  for (const [contents, expected] of cases) {
    await withFiles(contents, async (path) => assertEquals(await load(path), expected));
  }
});
