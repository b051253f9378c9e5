import { assert, assertEquals, assertRejects } from "@std/assert";
import { renderDataError } from "../../src/data/errors.ts";
import { type FolderOptions, loadFolder } from "../../src/data/folder.ts";
import { loadDataset } from "../../src/data/load.ts";
import { UnusableImage } from "../../src/data/unusable.ts";
import { inMemory } from "../../src/data/in_order.ts";
import type { Dataset, Split } from "../../src/data/types.ts";
import { right } from "../support/either.ts";
import { bmp, jpeg, png, redThenBlueGif, withFiles } from "../support/image_files.ts";

/** A 2x2 PNG whose pixels are all of one grey. */
const grey = (value: number): Uint8Array => png(Array(4).fill(value), 2, 2);
const noise = jpeg(Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 37) % 256), 32, 32);
const cut = noise.subarray(0, noise.length / 2);

/** The images of a folder, read into memory. */
async function load(folder: string, options?: FolderOptions): Promise<Split<Dataset>> {
  const loaded = await loadFolder(folder, { size: 2, ...options })();
  if (loaded._tag === "Left") throw new Error(renderDataError(loaded.left));
  const { train, test } = loaded.right;
  return { train: inMemory(train), ...test === undefined ? {} : { test: inMemory(test) } };
}

async function message(folder: string, options?: FolderOptions): Promise<string> {
  const loaded = await loadFolder(folder, options)();
  return loaded._tag === "Left" ? renderDataError(loaded.left).replaceAll(folder, "PATH") : "loaded";
}

/** The first byte of each image. */
const firsts = ({ images, count }: Dataset) =>
  Array.from({ length: count }, (_, index) => images[index * images.length / count]);

Deno.test("a flat folder is its images sorted by name, without labels", () =>
  withFiles({ "b.png": grey(20), "a.png": grey(10), "c.png": grey(30) }, async (folder) => {
    const { train, test } = await load(folder);
    assertEquals(firsts(train), [10, 20, 30]);
    assertEquals([train.count, train.height, train.width, train.channels], [3, 2, 2, 3]);
    assertEquals([train.labels, train.classes, train.skipped, test], [undefined, undefined, undefined, undefined]);
  }));

Deno.test("subfolders are classes, whatever lies below them", () =>
  withFiles(
    { "dog/1.png": grey(3), "cat/2.png": grey(2), "cat/1.png": grey(1), "dog/more/0.png": grey(4) },
    async (to) => {
      const { train } = await load(to);
      assertEquals(firsts(train), [1, 2, 3, 4]);
      assertEquals([...train.labels!], [0, 0, 1, 1]);
      assertEquals(train.classes, ["cat", "dog"]);
    },
  ));

Deno.test("images beside subfolders, or in one subfolder alone, have no labels", async () => {
  const folders: readonly Readonly<Record<string, Uint8Array>>[] = [
    { "0.png": grey(1), "a/0.png": grey(2), "b/0.png": grey(3) },
    { "images/0.png": grey(1) },
  ];
  for (const files of folders) {
    await withFiles(files, async (folder) => {
      assertEquals((await load(folder)).train.labels, undefined);
    });
  }
});

Deno.test("train and test are two halves with the same classes and the same size", () =>
  withFiles({
    "train/a/0.png": grey(1),
    "train/b/0.png": grey(2),
    "test/b/0.png": png(Array(36).fill(3), 6, 6),
    "test/c/0.png": grey(4),
  }, async (folder) => {
    const { train, test } = await load(folder);
    assertEquals([...train.labels!], [0, 1]);
    assertEquals([...test!.labels!], [1, 2]);
    assertEquals([train.classes, test!.classes], [["a", "b", "c"], ["a", "b", "c"]]);
    assertEquals([test!.height, test!.width, ...firsts(test!)], [2, 2, 3, 4]);
  }));

Deno.test("every format is read, told by its bytes and not by its name", () =>
  withFiles({
    "1.png": jpeg(Array(12).fill(100), 2, 2),
    "2.jpg": bmp(Array(12).fill(50), 2, 2),
    "3": grey(7),
    "4.dat": redThenBlueGif(),
    "notes.txt": "no image",
    ".hidden.png": "no image either",
  }, async (folder) => {
    const { train } = await load(folder, { size: 2 });
    assertEquals(firsts(train), [100, 50, 7, 255]);
    assertEquals(train.skipped, undefined);
  }));

Deno.test("bytes after the pixels of a BMP are passed over, and colours in another order are refused", () => {
  const plain = bmp([1, 2, 3, 4, 5, 6], 1, 2);
  const wide = (masks: readonly number[]) => {
    const file = bmp([1, 2, 3, 4, 5, 6, 7, 8], 1, 2);
    const whole = new Uint8Array(file.length + 12);
    whole.set(file.subarray(0, 54));
    whole.set(file.subarray(54), 66);
    const view = new DataView(whole.buffer);
    for (const [at, value] of [[10, 66], [30, 3], ...masks.map((mask, i) => [54 + 4 * i, mask])]) {
      view.setUint32(at, value, true);
    }
    return whole;
  };
  const files = { "a.bmp": plain, "b.bmp": Uint8Array.from([...plain, 0, 0]), "c.bmp": wide([0xff, 0xff00, 0xff0000]) };
  return withFiles(files, async (path) => {
    const { train } = right(
      await loadDataset({ name: "folder", path, labels: "none" }, { size: 2, notify: () => {} })(),
    );
    const { images, count, skipped = [] } = inMemory(train);
    assertEquals([count, skipped.map(({ reason }) => reason)], [2, [
      "expected a BMP of blue, green and red in this order, found another one",
    ]]);
    assertEquals(images.subarray(0, 12), images.subarray(12));
  });
});

Deno.test("a BMP of a kind that is not read is refused by its kind", () =>
  withFiles({ "a.bmp": bmp(Array(12).fill(50), 2, 2) }, async (folder) => {
    const whole = await Deno.readFile(`${folder}/a.bmp`);
    for (
      const [at, value, reason] of [[14, 12, "with the header of Windows"], [30, 1, "that is not compressed"]] as const
    ) {
      await Deno.writeFile(`${folder}/a.bmp`, whole.with(at, value));
      const { skipped = [] } = (await load(folder)).train;
      assertEquals(skipped.map(({ reason }) => reason.split(",")[0]), [`expected a BMP ${reason}`]);
    }
  }));

Deno.test("the view to evaluate on is a central square of the size that is asked for, 224 where none is", () =>
  withFiles({ "1.png": png([1, 2, 3, 4, 5, 6, 7, 8], 2, 4), "2.png": grey(7) }, async (folder) => {
    const loaded = await loadFolder(folder)();
    assertEquals(loaded._tag === "Right" && [loaded.right.train.height, loaded.right.train.width], [224, 224]);
    const { images } = (await load(folder, { channels: 1 })).train;
    assertEquals([...images.subarray(0, 4)], [2, 3, 6, 7]); // what is small is not enlarged to be cut off
    assertEquals(firsts((await load(folder, { size: 5 })).train).at(1), 7);
  }));

Deno.test("one channel is a grey image", () =>
  withFiles({ "1.png": grey(9) }, async (folder) => {
    const { train } = await load(folder, { channels: 1 });
    assertEquals([train.channels, ...train.images], [1, 9, 9, 9, 9]);
  }));

Deno.test("a limit takes as many of each class, and the first ones without classes", async () => {
  const files = Object.fromEntries(
    ["a", "b"].flatMap((name) => [0, 1, 2, 3].map((n) => [`${name}/${n}.png`, grey(n)])),
  );
  await withFiles(files, async (folder) => {
    const limited = async (path: string, limit: number) => {
      const { train } = right(await loadDataset({ name: "folder", path, limit }, { size: 2, notify: () => {} })());
      return inMemory(train);
    };
    const train = await limited(folder, 4);
    assertEquals([[...train.labels!], firsts(train)], [[0, 0, 1, 1], [0, 1, 0, 1]]);
    assertEquals(firsts(await limited(`${folder}/a`, 3)), [0, 1, 2]);
  });
});

Deno.test("unreadable images are named, counted and skipped, and labels stay with their images", () =>
  withFiles({
    "a/0.png": grey(1),
    "a/1.jpg": cut,
    "b/0.png": "a text with the name of an image",
    "b/1.png": grey(2),
    "b/2.jpeg": "",
  }, async (folder) => {
    const { train } = await load(folder);
    assertEquals([firsts(train), [...train.labels!]], [[1, 2], [0, 1]]);
    assertEquals(train.images.length, 2 * 12);
    const reasons = train.skipped!.map(({ path, reason }) => [path.slice(folder.length), reason]);
    assert(reasons[2][1].startsWith("damaged or not supported ("), reasons[2][1]);
    assertEquals([reasons[0], reasons[1], reasons[2][0]], [
      ["/b/0.png", "expected a JPEG, PNG, GIF, BMP or WebP, found something else"],
      ["/b/2.jpeg", "expected a JPEG, PNG, GIF, BMP or WebP, found an empty file"],
      "/a/1.jpg", // whose header is sound
    ]);
  }));

Deno.test("an unreadable image stops where that is wanted", () =>
  withFiles({ "a.png": grey(1), "b.png": "a text" }, async (folder) => {
    const error = await assertRejects(() => load(folder, { onUnreadable: "stop" }), UnusableImage);
    assertEquals(
      error.message,
      `Cannot read image ${folder}/b.png: expected a JPEG, PNG, GIF, BMP or WebP, found something else`,
    );
  }));

Deno.test("a folder without an image is refused, and what it holds is said", async () => {
  await withFiles({}, async (folder) => {
    const none = "Cannot load images from PATH: expected at least 1 JPEG, PNG, GIF, BMP or WebP image, found";
    assertEquals(await message(folder), `${none} none`);
    await Deno.writeTextFile(`${folder}/notes.txt`, "text");
    assertEquals(await message(folder), `${none} only .txt files: 1`);
    assertEquals(await message(`${folder}/none`), "Cannot read PATH: no such file or folder");
    assertEquals(
      await message(`${folder}/notes.txt`),
      "Cannot read PATH: it is no folder",
    );
  });
});

Deno.test("a link that leads back to its folder is not followed for ever", () =>
  withFiles({ "a/0.png": grey(1), "b/0.png": grey(2) }, async (folder) => {
    await Deno.symlink("..", `${folder}/a/back`, { type: "dir" });
    assertEquals(firsts((await load(folder)).train), [1, 2]);
  }));

Deno.test("a data set that needs a path says so", async () => {
  const loaded = await loadDataset({ name: "cifar10" })();
  assertEquals(
    loaded._tag === "Left" && renderDataError(loaded.left),
    "Cannot load cifar10: expected a path to the folder of its binary version, found none. Set data.path (--path).",
  );
});

Deno.test("a limit reaches both halves of a data set", () =>
  withFiles({
    "train-images-idx3-ubyte": Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4),
    "train-labels-idx1-ubyte": Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 0, 0, 0, 1),
    "t10k-images-idx3-ubyte": Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6, 7),
  }, async (path) => {
    const loaded = await loadDataset({ name: "idx", path, limit: 2 })();
    if (loaded._tag === "Left") throw new Error(renderDataError(loaded.left));
    const { train, test } = loaded.right as Split<Dataset>;
    assertEquals([[...train.images], [...train.labels!], train.count], [[1, 4], [0, 1], 2]);
    assertEquals([[...test!.images], test!.count], [[5, 6], 2]);
  }));

const cifar10 = Deno.env.get("MOCO_CIFAR10_JPEG");

Deno.test({
  name: "CIFAR-10 (JPEG) loads whole from its folder (MOCO_CIFAR10_JPEG)",
  ignore: cifar10 === undefined,
  fn: async () => {
    const { train, test } = await load(cifar10!, { size: 32 });
    for (const [half, each] of [[train, 5000], [test!, 1000]] as const) {
      assertEquals([half.count, half.height, half.width, half.channels], [10 * each, 32, 32, 3]);
      assertEquals(half.skipped, undefined);
      const counts = Array(10).fill(0);
      for (const label of half.labels!) counts[label]++;
      assertEquals(counts, Array(10).fill(each));
    }
    assertEquals(train.classes?.slice(0, 3), ["airplane", "automobile", "bird"]);
    // The mean of CIFAR-10's red, green and blue is 125.3, 123.0, 113.9.
    const sums = [0, 0, 0];
    train.images.forEach((value, index) => sums[index % 3] += value);
    const means = sums.map((sum) => sum / (train.images.length / 3));
    [125.3, 123.0, 113.9].forEach((mean, channel) => assert(Math.abs(means[channel] - mean) < 1, `${means}`));
  },
});
