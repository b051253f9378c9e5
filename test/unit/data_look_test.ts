import { assert, assertEquals, assertThrows } from "@std/assert";
import { fingerprint, identicalShare } from "../../src/data/fingerprint.ts";
import { lookAt } from "../../src/data/look.ts";
import { sampleViews } from "../../src/data/sample_views.ts";
import { epochOrder } from "../../src/data/shuffle.ts";
import type { ImageFiles } from "../../src/data/types.ts";
import { UnusableImage } from "../../src/data/unusable.ts";
import { viewBatches } from "../../src/data/view_batches.ts";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { png, withFiles } from "../support/image_files.ts";

const noise = (height: number, width: number, seed: number): Uint8Array =>
  png(Array.from({ length: height * width * 3 }, (_, n) => (n * n * (seed + 3)) % 251), height, width);
const files = (folder: string, names: readonly string[]): ImageFiles => ({
  ...{ name: "some", paths: names.map((name) => `${folder}/${name}`), count: names.length },
  ...{ height: 8, width: 8, channels: 3 },
});
const golden = (name: string): Promise<Uint8Array> =>
  Deno.readFile(new URL(`../golden/images/${name}`, import.meta.url));

Deno.test("a look at the images finds their sizes, 16 bits, images without colours and constant ones", async () => {
  const grey = png(Array.from({ length: 100 }, (_, n) => (n * 7) % 256), 10, 10);
  const constant = png(Array.from({ length: 3 * 64 }, (_, n) => [200, 100, 50 + n % 8][n % 3]), 8, 8);
  const contents = {
    "a.png": noise(20, 30, 1),
    "b.png": noise(40, 50, 2),
    "deep.png": await golden("deep.png"),
    "grey.png": grey,
    "constant.png": constant,
    "broken.png": "no image",
    "cut.png": noise(200, 300, 3).subarray(0, -30),
  };
  await withFiles(contents, (folder) => {
    const before = liveTensors();
    const lines = lookAt(files(folder, Object.keys(contents))).map((line) => line.replaceAll(folder, "PATH"));
    assertEquals(lines, [
      "Image sizes (of 6 images looked at): smallest 8x8, median 30x20, largest 300x200 pixels",
      "1 of 6 images looked at has 16 bits a channel, and each is scaled over its own range: for example PATH/deep.png",
      "2 of 5 images looked at have no colours, in a training on colours: for example PATH/deep.png",
      "1 of 5 images looked at has nearly one colour, from which nothing is learned: for example PATH/constant.png",
    ]);
    assertEquals(liveTensors(), before);
    const alike = lookAt({ ...files(folder, ["grey.png", "grey.png"]), channels: 1 });
    assertEquals(alike, ["Image sizes (of 2 images looked at): 10x10 pixels"]);
    assertEquals(lookAt(files(folder, ["broken.png"])), []);
    return Promise.resolve();
  });
});

Deno.test("sampled views are the crops of a training's first epoch, from the whole image", () => {
  // Wide images: red at the left, green in the central square, blue at the right.
  const [height, width] = [20, 60];
  const wide = png(
    Array.from(
      { length: height * width * 3 },
      (_, n) => Math.floor((Math.floor(n / 3) % width) / 20) === n % 3 ? 255 : 0,
    ),
    height,
    width,
  );
  const contents = { "a.png": wide, "b.png": "no image", "c.png": noise(30, 30, 1), "d.png": noise(30, 40, 2) };
  const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
  return withFiles(contents, (folder) => {
    const before = liveTensors();
    const some = files(folder, Object.keys(contents));
    const options = { images: 9, views: 6, size: 8, boxes: [law, law], seed: 3 } as const;
    const { whole, crops } = sampleViews(some, options);
    assertEquals([whole.shape, crops.length, crops[5].shape], [[3, 8, 8, 3], 6, [3, 8, 8, 3]]);

    const batches = viewBatches({ source: some, batch: 4, seed: 3, size: 8, boxes: [law, law] });
    const [{ images, index, identical }] = batches.epoch(0);
    const pixels = 8 * 8 * 3;
    // The image that cannot be used has no row here, and another one has its place in a batch.
    const rows = [...epochOrder(3, 0, 4)].flatMap((image, row) => image === 1 ? [] : [row]);
    for (const [view, crop] of [images.query, images.key].entries()) {
      const trained = crop.dataSync();
      const expected = rows.flatMap((row) => [...trained.slice(row * pixels, (row + 1) * pixels)]);
      assertEquals([...crops[view].dataSync()], expected);
    }
    const reds = crops.some((crop) => {
      const values = crop.dataSync();
      return Array.from({ length: 3 * 64 }, (_, i) => values.slice(3 * i, 3 * i + 3)).some(([r, g]) =>
        r > 200 && g < 50
      );
    });
    assert(reds, "no crop reached what lies outside of the central square");
    dispose({ whole, query: images.query, key: images.key, index, identical: identical! });
    crops.forEach(dispose);
    batches.close();
    assertEquals(liveTensors(), before);

    assertThrows(() => sampleViews({ ...some, onUnreadable: "stop" }, options), UnusableImage, "b.png");
    assertThrows(() => sampleViews(files(folder, ["b.png"]), options), UnusableImage, "b.png");
    return Promise.resolve();
  });
});

Deno.test("copies in a batch are counted, for files whose middle or size differs are not copies", () => {
  const law = { scale: [1, 1], ratio: [1, 1] } as const;
  const long = (byte: number) => Array.from({ length: 3 * 64 * 64 }, (_, n) => n === 6000 ? byte : (n * n * 7) % 251);
  const contents = {
    "a.png": noise(9, 9, 1),
    "copy.png": noise(9, 9, 1),
    "b.png": noise(9, 9, 2),
    "c.png": png(long(1), 64, 64),
  };
  return withFiles(contents, (folder) => {
    const source = files(folder, Object.keys(contents));
    const batches = viewBatches({ source, batch: 4, seed: 0, size: 4, boxes: [law, law] });
    const [{ images, index, identical }] = batches.epoch(0);
    assertEquals(identical?.dataSync()[0], 0.5);
    dispose({ query: images.query, key: images.key, index, identical: identical! });
    batches.close();
    return Promise.resolve();
  });
});

Deno.test("fingerprints tell apart bytes, sizes and orders, and the share counts every image that has a copy", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, n) => n % 253);
  assertEquals(fingerprint(bytes), fingerprint(bytes.slice()));
  assert(fingerprint(bytes) !== fingerprint(bytes.toReversed()));
  assert(fingerprint(bytes, 1) !== fingerprint(bytes, 2));
  assert(fingerprint(Uint8Array.of(0)) !== fingerprint(Uint8Array.of(0, 0)));
  assertEquals([identicalShare([1, 2, 3]), identicalShare([1, 2, 1, 1])], [0, 0.75]);
});
