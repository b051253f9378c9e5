import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { centralViews } from "../../src/data/central_views.ts";
import { openImage } from "../../src/data/image_source.ts";
import { hasRoom } from "../../src/data/planned_image.ts";
import type { SkippedImage } from "../../src/data/types.ts";
import { UnusableImage } from "../../src/data/unusable.ts";
import { viewBatches } from "../../src/data/view_batches.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { jpeg, png, withFiles } from "../support/image_files.ts";
import { left, right } from "../support/either.ts";
import { makePipe } from "../support/special_files.ts";

const law = { scale: [1, 1], ratio: [0.1, 10] } as const;
const plain = (level: number) => png(Array<number>(4 * 4 * 3).fill(level), 4, 4);
const noise = (height: number, width: number) =>
  Array.from({ length: height * width * 3 }, (_, index) => (index * 2654435761) >>> 24);

async function withPaths(
  files: Record<string, Uint8Array | string>,
  f: (paths: string[]) => void | Promise<void>,
): Promise<void> {
  await withFiles(files, async (folder) => await f(Object.keys(files).map((name) => `${folder}/${name}`)));
}

Deno.test("an image that cannot be used is named once, and another one takes its place", async () => {
  const files = { "a.png": plain(10), "b.png": "a text", "c.png": plain(30), "d.png": plain(40).subarray(0, 60) };
  await withPaths(files, (paths) => {
    const named: SkippedImage[] = [];
    const batches = viewBatches({
      ...{ source: { name: "four", paths }, batch: 4, seed: 1, size: 2, boxes: [law, law] as const },
      onSkip: (skipped) => named.push(skipped),
    });
    let before = 0;
    for (const epoch of [0, 1]) {
      if (epoch === 1) before = liveTensors(); // the first one opens what damaged images need
      for (const batch of batches.epoch(epoch)) {
        const places = [...batch.index.dataSync()];
        assertEquals(places.length, 4);
        assert(places.every((place) => place === 0 || place === 2), `${places}`);
        assertEquals(
          readBytes(batch.images.query),
          Uint8Array.from(places.flatMap((place) => Array(12).fill(10 * place + 10))),
        );
        dispose(batch);
      }
    }
    assertEquals(liveTensors(), before);
    assertEquals(named.map(({ path }) => path).sort(), [paths[1], paths[3]]);
    const [text, cut] = [1, 3].map((place) => batches.skipped.get(place)!.reason);
    assertEquals(text, "expected a JPEG, PNG, GIF, BMP or WebP, found something else");
    assertStringIncludes(cut, "damaged or not supported (");
    batches.close();
  });
});

Deno.test("where an unusable image is to stop the training, the error names it", async () => {
  for (const bad of ["a text", plain(5).subarray(0, 60)]) {
    await withPaths({ "good.png": plain(1), "bad.png": bad }, (paths) => {
      const batches = viewBatches({
        ...{ source: { name: "two", paths }, batch: 2, seed: 0, size: 2, boxes: [law, law] as const },
        onUnreadable: "stop",
      });
      const error = assertThrows(() => [...batches.epoch(0)], UnusableImage);
      assertStringIncludes(error.message, `Cannot read image ${paths[1]}: `);
      batches.close();
    });
  }
});

Deno.test("images none of which can be used end in an error, not in a hang", async () => {
  await withPaths({ "a.png": "a", "b.png": "b" }, (paths) => {
    const batches = viewBatches({ source: { name: "two", paths }, batch: 1, seed: 0, size: 2, boxes: [law, law] });
    assertThrows(() => [...batches.epoch(0)], UnusableImage, "None of 1000 images that were tried");
    batches.close();
  });
  assertThrows(
    () => viewBatches({ source: { name: "none", paths: ["a"] }, batch: 2, seed: 0, size: 2, boxes: [law, law] }),
    RangeError,
    "Cannot make batches of none: expected a whole batch size in [1, 1], found 2",
  );
});

Deno.test("a JPEG that is cut off is damaged, unless it is to be recovered", async () => {
  const whole = jpeg(noise(64, 48), 64, 48);
  await withPaths({ "cut.jpg": whole.subarray(0, whole.length * 0.7), "whole.jpg": whole }, (paths) => {
    const options = { source: { name: "cut", paths }, batch: 2, size: 16 };
    assertEquals([...centralViews(options)].map(({ index }) => index), [[1]]);
    const [{ images, index }] = centralViews({ ...options, recover: true });
    assertEquals(index, [0, 1]);
    const bytes = readBytes(images);
    assertEquals(bytes.subarray(0, 8 * 48), bytes.subarray(16 * 48, 24 * 48)); // the upper half is there
    assert(bytes.subarray(12 * 48, 16 * 48).join() !== bytes.subarray(28 * 48).join());
  });
});

Deno.test("central views come in order, without those that cannot be used", async () => {
  const files = { "a.png": plain(10), "b.png": "text", "c.png": plain(30), "d.png": plain(9).subarray(0, 60) };
  await withPaths({ ...files, "e.png": plain(50), "f.png": plain(60) }, (paths) => {
    const found = [...centralViews({ source: { name: "six", paths }, batch: 2, size: 2 })];
    assertEquals(found.map(({ index }) => index), [[0, 2], [4], [5]]);
    assertEquals(found.map(({ images }) => readBytes(images)[0]), [10, 50, 60]);
    const grey = [...centralViews({ source: { name: "six", paths }, batch: 6, size: 2, channels: 1 })];
    assertEquals(grey[0].images.shape, [4, 2, 2, 1]);
    assertEquals([...readBytes(grey[0].images)].filter((_, index) => index % 4 === 0), [10, 30, 50, 60]);
  });
});

Deno.test("a view that keeps its size has the image's own pixels, in colour and as grey", async () => {
  const [height, width, size] = [8, 12, 8];
  const pixels = noise(height, width).map((value) => value & 255);
  const middle = (width - size) / 2;
  const expected = Array.from({ length: size * size }, (_, place) => {
    const first = 3 * (Math.floor(place / size) * width + middle + place % size);
    return pixels.slice(first, first + 3);
  });
  await withPaths({ "a.png": png(pixels, height, width) }, (paths) => {
    const options = { source: { name: "one", paths }, batch: 1, size };
    const [colour] = centralViews(options);
    assertEquals([...readBytes(colour.images)], expected.flat());
    assertEquals(colour.sizes, [{ height, width }]);
    const [grey] = centralViews({ ...options, channels: 1 });
    const greyOf = ([r, g, b]: number[]) => Math.floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5);
    assertEquals([...readBytes(grey.images)], expected.map(greyOf));
  });
});

Deno.test("what an image asks for is looked at before it is read", async () => {
  const large = new Uint8Array(plain(1));
  new DataView(large.buffer).setUint32(16, 30_000);
  await withPaths({ "large.png": large, "small.png": plain(1), "folder.png/a": "" }, (paths) => {
    new DataView(large.buffer).setUint32(20, 30_000);
    Deno.writeFileSync(paths[0], large);
    assertEquals(left(openImage(paths[0])), "expected at most 67,108,864 pixels, found 30000x30000");
    assertEquals(left(openImage(paths[1], { bytes: 50 })), `expected at most 50 bytes, found ${plain(1).length}`);
    assertEquals(left(openImage(paths[1], { pixels: 15 })), "expected at most 15 pixels, found 4x4");
    assertEquals(right(openImage(paths[1], { pixels: 16 })).header.encoding, "png");
    assertEquals(left(openImage(paths[2].slice(0, -2))), "expected a file, found something else");
    assertEquals(left(openImage(`${paths[1]}x`)), "no such file or folder");
  });
});

Deno.test("a pipe is not waited for", { ignore: Deno.build.os === "windows" }, async () => {
  await withFiles({ "whole.png": plain(1) }, (folder) => {
    makePipe(`${folder}/a.png`);
    assertEquals(left(openImage(`${folder}/a.png`)), "expected a file, found something else");
    return Promise.resolve();
  });
});

Deno.test("four batches are planned ahead, and two where the bytes of their images fill the memory", () => {
  const batch = (bytes: number) => ({ rows: [{ source: new Uint8Array(bytes), plan: [] }, { source: "a", plan: [] }] });
  const waiting = (count: number, bytes: number) => Array.from({ length: count }, () => batch(bytes));
  assertEquals([0, 1, 2, 3, 4].map((count) => hasRoom(waiting(count, 10))), [true, true, true, true, false]);
  assertEquals([0, 1, 2].map((count) => hasRoom(waiting(count, 2 ** 28))), [true, true, false]);
});

Deno.test("decoders say nothing on the terminal", { ignore: Deno.build.os !== "linux" }, async () => {
  const whole = jpeg(noise(64, 48), 64, 48);
  await withPaths({ "cut.jpg": whole.subarray(0, whole.length * 0.7), "whole.jpg": whole }, async (paths) => {
    const program = `
      import { centralViews } from "${new URL("../../src/data/central_views.ts", import.meta.url)}";
      const source = { name: "cut", paths: ${JSON.stringify(paths)} };
      console.error([...centralViews({ source, batch: 2, size: 8 })].map(({ index }) => index.join()).join());
    `;
    const args = ["eval", "--ext=ts", program];
    const { stderr } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" }).output();
    assertEquals(new TextDecoder().decode(stderr), "1\n");
  });
});
