/** Views of image files against the reference, and what batches of them depend on. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { shown } from "../../reference/augment/orientation.ts";
import { randomBox as referenceBox, resizedCrop } from "../../reference/augment/resized_crop.ts";
import { dispose } from "../../src/core/scope.ts";
import { randomBox, viewDraws } from "../../src/data/crop_box.ts";
import type { ImageHeader } from "../../src/data/image_header.ts";
import { resizedBox, shownSize } from "../../src/data/placement.ts";
import { viewBatches, type ViewBatchesOptions } from "../../src/data/view_batches.ts";
import { planOf } from "../../src/data/view_plan.ts";
import { viewStream } from "../../src/data/view_stream.ts";
import { readBytes } from "../../src/engine/mod.ts";
import { sizes } from "../support/arbitraries.ts";
import { png, withFiles } from "../support/image_files.ts";

/** Uniform numbers in [0, 1) as a generator of them, which begins anew at its end. */
function replayed(numbers: readonly number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length];
}

const uniform = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((word) => word / 2 ** 32), {
  minLength: 30,
  maxLength: 30,
});
const laws = fc.record({
  scale: fc.constantFrom<[number, number]>([0.2, 1], [0.08, 1], [1, 1], [0.9, 1]),
  ratio: fc.constantFrom<[number, number]>([3 / 4, 4 / 3], [1, 1], [2, 3], [0.3, 0.4]),
});

Deno.test("a box is the reference's, for the same random numbers", () => {
  fc.assert(fc.property(sizes(1, 600), sizes(1, 600), laws, uniform, (height, width, law, numbers) => {
    const box = randomBox(height, width, law, replayed(numbers));
    const expected = referenceBox(height, width, law.scale, law.ratio, replayed(numbers));
    // The reference's central box may have no pixel where the image is a line.
    if (expected.height > 0 && expected.width > 0) assertEquals(box, expected);
    assert(box.height >= 1 && box.top >= 0 && box.top + box.height <= height);
    assert(box.width >= 1 && box.left >= 0 && box.left + box.width <= width);
  }));
});

Deno.test("a view's numbers differ with the seed, the epoch, the place and the view", () => {
  const numbers = fc.tuple(...[0, 1, 2, 3].map(() => fc.nat({ max: 2 ** 31 })));
  fc.assert(fc.property(numbers, fc.nat({ max: 3 }), ([seed, epoch, place, view], changed) => {
    const first = [seed, epoch, place, view];
    const other = first.map((value, index) => index === changed ? value + 1 : value);
    const drawn = ([seed, epoch, place, view]: readonly number[]) => {
      const draw = viewDraws(seed, epoch, place, view);
      return [draw(), draw()];
    };
    assertEquals(drawn(first), drawn(first));
    assert(drawn(first).join() !== drawn(other).join());
  }));
});

Deno.test("a view is its box of the image as it is shown, cut out and resized as the reference does it", () => {
  const size = 5;
  const channels = 3;
  const stream = viewStream({ views: 1, size, channels, batch: 1 });
  const images = fc.tuple(sizes(1, 14), sizes(1, 14)).chain(([height, width]) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      pixels: fc.array(fc.integer({ min: 0, max: 255 }), {
        minLength: height * width * channels,
        maxLength: height * width * channels,
      }),
      orientation: sizes(1, 8),
      numbers: uniform,
    })
  );
  fc.assert(
    fc.property(images, ({ height, width, pixels, orientation, numbers }) => {
      const header: ImageHeader = { encoding: "png", height, width, orientation };
      const size2 = shownSize(header);
      const box = randomBox(size2.height, size2.width, { scale: [0.1, 1], ratio: [0.5, 2] }, replayed(numbers));
      const plan = planOf(header, [resizedBox(box, size)], size, { from: "memory" });
      const [views] = stream.each([{ source: new Uint8Array(png(pixels, height, width)), plan }]);
      if (views instanceof Error) throw views;
      const found = [...readBytes(views[0])];
      dispose({ view: views[0] });
      const rows = Array.from(
        { length: height },
        (_, y) =>
          Array.from(
            { length: width },
            (_, x) => pixels.slice((y * width + x) * channels, (y * width + x + 1) * channels),
          ),
      );
      const expected = resizedCrop(shown(rows, orientation), box, size, size).flat(2);
      const worst = Math.max(...found.map((value, index) => Math.abs(value - expected[index])));
      // Half a level from rounding to whole levels, and float32's own rounding of levels up to 255.
      assert(worst <= 0.5 + 1e-3, `expected differences of at most half a level, found ${worst}`);
    }),
    { numRuns: 150 },
  );
  stream.close();
});

/** Files of which one in three cannot be used: some by their header, some only when they are decoded. */
function someFiles(count: number): Record<string, Uint8Array | string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => {
    const name = `${String(index).padStart(3, "0")}.png`;
    const whole = png(Array.from({ length: 12 * 9 * 3 }, (_, n) => (n * 7 + index * 31) % 256), 12, 9);
    if (index % 6 === 1) return [name, "a text"];
    return [name, index % 6 === 4 ? whole.subarray(0, whole.length - 40) : whole];
  }));
}

/** The batches of an epoch from one on, as numbers. */
function taken(options: ViewBatchesOptions, epoch: number, from = 0): number[][] {
  const batches = viewBatches(options);
  const found = [...batches.epoch(epoch, from)].map((batch) => {
    const numbers = [...batch.index.dataSync(), ...readBytes(batch.images.query), ...readBytes(batch.images.key)];
    dispose(batch);
    return numbers;
  });
  batches.close();
  return found;
}

const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;

Deno.test("batches depend on the images, the seed and the epoch, and on nothing else", async () => {
  await withFiles(someFiles(30), (folder) => {
    const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort();
    const options = { source: { name: "some", paths }, batch: 4, seed: 7, size: 6, boxes: [law, law] as const };
    const once = taken(options, 1);
    assertEquals(once.length, 7);
    for (const threads of [1, 3]) assertEquals(taken({ ...options, threads }, 1), once, `${threads} threads`);
    assertEquals(taken(options, 1, 3), once.slice(3), "from a batch on");
    // After other epochs, whose damaged images are known by now.
    const later = viewBatches(options);
    for (const batch of later.epoch(0)) dispose(batch);
    const next = [...later.epoch(1)].map((batch) => [...batch.index.dataSync(), ...readBytes(batch.images.query)]);
    assertEquals(next, once.map((numbers) => numbers.slice(0, next[0].length)));
    assert(later.skipped.size > 5);
    later.close();
    assert(taken({ ...options, seed: 8 }, 1).join() !== once.join());
    assert(taken(options, 2).join() !== once.join());
    return Promise.resolve();
  });
});

Deno.test("the parts of several processes are those of one", async () => {
  await withFiles(someFiles(26), (folder) => {
    const paths = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort();
    const options = { source: { name: "some", paths }, seed: 3, size: 4, boxes: [law, law] as const };
    const indices = (batches: number[][], size: number) => batches.map((numbers) => numbers.slice(0, size));
    const whole = taken({ ...options, batch: 6 }, 0);
    const parts = [0, 1, 2].map((index) => taken({ ...options, batch: 2, part: { index, count: 3 } }, 0));
    const inTurns = [0, 1].flatMap((row) => parts.map((part) => ({ part, row })));
    const together = whole.map((_, batch) => inTurns.map(({ part, row }) => indices(part, 2)[batch][row]));
    assertEquals(together, indices(whole, 6));
    // The views of the second image of the second part are those of the fifth image.
    const view = 4 * 4 * 3;
    assertEquals(
      parts[1][0].slice(2 + view, 2 + 2 * view),
      whole[0].slice(6 + 4 * view, 6 + 5 * view),
    );
    return Promise.resolve();
  });
});

Deno.test("every image of a batch has boxes of its own, and so has each of its views", async () => {
  await withFiles(
    { "one.png": png(Array.from({ length: 20 * 20 * 3 }, (_, n) => (n * 7) % 256), 20, 20) },
    (folder) => {
      const paths = Array<string>(6).fill(`${folder}/one.png`);
      const size = 3;
      const options = { source: { name: "one", paths }, batch: 6, seed: 1, size, boxes: [law, law] as const };
      const numbers = taken(options, 0)[0].slice(6);
      const view = size * size * 3;
      const views = Array.from({ length: 12 }, (_, at) => numbers.slice(at * view, (at + 1) * view).join());
      assertEquals(new Set(views).size, 12);
      return Promise.resolve();
    },
  );
});
