import { assertEquals } from "@std/assert";
import { loadCifar, parseCifar } from "../../src/data/cifar.ts";
import { renderDataError } from "../../src/data/errors.ts";
import { withFiles } from "../support/image_files.ts";

const PLANE = 32 * 32;

/** A record whose planes are constant but for their first and last pixel. */
function record(labels: readonly number[], [red, green, blue]: readonly number[]): Uint8Array {
  const plane = (value: number) => {
    const pixels = new Uint8Array(PLANE).fill(value);
    pixels[0] = value + 1;
    pixels[PLANE - 1] = value + 2;
    return pixels;
  };
  return Uint8Array.of(...labels, ...plane(red), ...plane(green), ...plane(blue));
}

const join = (...parts: readonly Uint8Array[]) => Uint8Array.of(...parts.flatMap((part) => [...part]));

Deno.test("CIFAR's planes become pixels, and batches follow one another", () => {
  const first = record([3], [10, 20, 30]);
  const second = record([9], [100, 110, 120]);
  const parsed = parseCifar([join(first, second), first], "cifar10");
  if (parsed._tag === "Left") throw new Error(parsed.left.what);
  const { images, labels } = parsed.right;
  assertEquals([...labels], [3, 9, 3]);
  assertEquals(images.length, 3 * 3 * PLANE);
  assertEquals([...images.subarray(0, 6)], [11, 21, 31, 10, 20, 30]);
  assertEquals([...images.subarray(3 * PLANE - 3, 3 * PLANE + 6)], [12, 22, 32, 101, 111, 121, 100, 110, 120]);
});

Deno.test("of CIFAR-100's two labels the fine one is taken", () => {
  const parsed = parseCifar([record([19, 99], [1, 2, 3])], "cifar100");
  assertEquals(parsed._tag === "Right" && [...parsed.right.labels], [99]);
});

Deno.test("a batch that is cut, empty or has an impossible label is refused", () => {
  const whole = record([1], [1, 2, 3]);
  const fault = (...batches: readonly Uint8Array[]) => {
    const parsed = parseCifar(batches, "cifar10");
    return parsed._tag === "Left" ? parsed.left : undefined;
  };
  assertEquals(fault(whole, whole.subarray(1)), {
    batch: 1,
    what: "the length",
    expected: "a multiple of 3073 bytes",
    found: "3072",
  });
  assertEquals(fault(new Uint8Array())?.found, "0");
  assertEquals(fault(whole, join(whole, record([10], [1, 2, 3]))), {
    batch: 1,
    what: "the label of image 1",
    expected: "at most 9",
    found: "10",
  });
});

const tenFiles = {
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, record([n], [n, n, n])])),
  "test_batch.bin": record([0], [9, 9, 9]),
};

Deno.test("a CIFAR-10 folder, or the one around it, is train and test with the names of the classes", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `class ${index}`);
  const files = { ...tenFiles, "batches.meta.txt": `${names.join("\n")}\n\n` };
  const nested = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [`cifar-10-batches-bin/${name}`, file]),
  );
  for (const folderOf of [files, nested]) {
    await withFiles(folderOf, async (folder) => {
      const loaded = await loadCifar(folder, "cifar10")();
      if (loaded._tag === "Left") throw new Error(renderDataError(loaded.left));
      const { train, test } = loaded.right;
      assertEquals([...train.labels!], [1, 2, 3, 4, 5]);
      assertEquals([train.count, train.height, train.width, train.channels], [5, 32, 32, 3]);
      assertEquals(train.classes, names);
      assertEquals([test!.count, test!.labels![0], test!.images[3]], [1, 0, 9]);
    });
  }
});

Deno.test("a CIFAR folder without its files says which are missing; a damaged file is named", async () => {
  const message = async (folder: string) => {
    const loaded = await loadCifar(folder, "cifar10")();
    return loaded._tag === "Left" ? renderDataError(loaded.left).replace(folder, "PATH") : "loaded";
  };
  const { "data_batch_3.bin": _third, ...rest } = tenFiles as Record<string, Uint8Array>;
  await withFiles(rest, async (folder) => {
    assertEquals((await message(folder)).slice(-25), "found no data_batch_3.bin");
  });
  await withFiles({ ...tenFiles, "data_batch_4.bin": new Uint8Array(3000) }, async (folder) => {
    assertEquals(
      await message(folder),
      "Cannot read PATH/data_batch_4.bin: the length: expected a multiple of 3073 bytes, found 3000",
    );
    assertEquals(await message(`${folder}/none`), "Cannot read PATH: no such file or folder");
  });
});
