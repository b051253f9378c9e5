import { assertEquals } from "@std/assert";
import { type DataError, renderDataError } from "../../src/data/errors.ts";
import { loadIdx, parseIdx } from "../../src/data/idx.ts";
import { withFiles } from "../support/image_files.ts";

function idx(shape: readonly number[], data: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...data);
}

const images = idx([2, 1, 2], [1, 2, 3, 4]);
const labels = idx([2], [7, 9]);

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function message(path: string): Promise<string> {
  const loaded = await loadIdx(path, "idx")();
  return loaded._tag === "Left" ? renderDataError(loaded.left as DataError).replaceAll(path, "PATH") : "loaded";
}

Deno.test("an IDX file is its sizes, big-endian, and its bytes", () => {
  assertEquals(parseIdx(idx([1, 258], Array(258).fill(5))), {
    _tag: "Right",
    right: { shape: [1, 258], data: new Uint8Array(258).fill(5) },
  });
});

Deno.test("what is wrong with an IDX file is named", () => {
  const fault = (bytes: Uint8Array) => {
    const parsed = parseIdx(bytes);
    return parsed._tag === "Left" ? parsed.left : undefined;
  };
  assertEquals(fault(Uint8Array.of(0, 0))?.what, "the magic number");
  assertEquals(fault(new TextEncoder().encode("<html>"))?.found, "bytes 60 104 116 109");
  assertEquals(fault(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0)), {
    what: "the type",
    expected: "8 (unsigned bytes)",
    found: "13",
  });
  assertEquals(fault(images.subarray(0, 10))?.what, "the sizes");
  assertEquals(fault(images.subarray(0, 19)), { what: "the data", expected: "4 bytes for [2, 1, 2]", found: "3" });
  assertEquals(fault(Uint8Array.of(...images, 0))?.found, "5");
});

Deno.test("a folder of IDX files is train and test, with labels, gzipped or not", () =>
  withFiles({ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels }, async (folder) => {
    await Deno.writeFile(`${folder}/t10k-images.idx3-ubyte.gz`, await gzip(idx([1, 1, 2], [5, 6])));
    await Deno.writeFile(`${folder}/t10k-labels.idx1-ubyte.gz`, await gzip(idx([1], [3])));
    const about = { name: "digits", height: 1, width: 2, channels: 1 };
    assertEquals(await loadIdx(folder, "digits")(), {
      _tag: "Right",
      right: {
        train: { ...about, images: Uint8Array.of(1, 2, 3, 4), count: 2, labels: Uint8Array.of(7, 9) },
        test: { ...about, images: Uint8Array.of(5, 6), count: 1, labels: Uint8Array.of(3) },
      },
    });
  }));

Deno.test("one IDX file is a data set by itself, in colour too", () =>
  withFiles({ "some.bin": idx([1, 1, 1, 3], [1, 2, 3]) }, async (folder) => {
    assertEquals(await loadIdx(`${folder}/some.bin`, "idx")(), {
      _tag: "Right",
      right: { train: { name: "idx", images: Uint8Array.of(1, 2, 3), count: 1, height: 1, width: 1, channels: 3 } },
    });
  }));

Deno.test("IDX files that do not fit are refused by name", async () => {
  await withFiles({}, async (folder) => {
    assertEquals(
      await message(folder),
      "Cannot read PATH: the folder: expected one file train-images-idx3-ubyte and at most one " +
        "t10k-images-idx3-ubyte, found neither. For a folder of image files give --data folder",
    );
    assertEquals(await message(`${folder}/none`), "Cannot read PATH: no such file or folder");
  });
  await withFiles({ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": idx([3], [1, 2, 3]) }, async (to) => {
    assertEquals(
      await message(to),
      "Cannot read PATH/train-labels-idx1-ubyte: the labels: expected [2], one for each image, found [3]",
    );
  });
  await withFiles({ "train-images-idx3-ubyte": images, "t10k-images-idx3-ubyte": idx([1, 1, 1], [0]) }, async (to) => {
    assertEquals(
      await message(to),
      "Cannot read PATH/t10k-images-idx3-ubyte: the images: expected 1x2x1 as those of training, found 1x1x1",
    );
  });
  await withFiles({ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels }, async (folder) => {
    const loaded = await loadIdx(folder, "mnist", ["0", "1", "2", "3", "4", "5", "6", "7", "8"])();
    assertEquals(
      loaded._tag === "Left" && renderDataError(loaded.left).replaceAll(folder, "PATH"),
      "Cannot read PATH/train-labels-idx1-ubyte: the label of image 1: expected at most 8, found 9",
    );
  });
  await withFiles({ "labels.idx": labels }, async (folder) => {
    assertEquals(
      await message(`${folder}/labels.idx`),
      "Cannot read PATH: the shape: expected images [N, H, W] or [N, H, W, 1 or 3], none of them 0, found [2]",
    );
  });
  await withFiles({ "train-images-idx3-ubyte.gz": "no gzip" }, async (folder) => {
    assertEquals((await message(folder)).slice(0, 44), "Cannot read PATH/train-images-idx3-ubyte.gz:");
  });
});
