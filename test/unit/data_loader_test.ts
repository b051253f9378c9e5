import { assertEquals, assertThrows } from "@std/assert";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { batches, batchesInOrder } from "../../src/data/loader.ts";
import { multiplyHigh, philox } from "../../src/data/philox.ts";
import { limited, select } from "../../src/data/select.ts";
import { epochOrder } from "../../src/data/shuffle.ts";
import type { Dataset } from "../../src/data/types.ts";
import { dtypeOf, readBytes } from "../../src/engine/mod.ts";

/** Images of 1x2x3 bytes: image n is n, n + 1, ... */
function numbered(count: number): Dataset {
  const images = Uint8Array.from({ length: count * 6 }, (_, index) => Math.floor(index / 6) + index % 6);
  return { name: "numbered", images, count, height: 1, width: 2, channels: 3 };
}

Deno.test("Philox4x32-10 gives the words that its authors publish", () => {
  assertEquals(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  assertEquals(philox([ones, ones, ones, ones], [ones, ones]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assertEquals(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

Deno.test("the high word of a product is exact", () => {
  for (const [a, b] of [[0xffffffff, 0xffffffff], [0xffff, 0x10001], [0x80000000, 2], [0xdeadbeef, 0x12345678]]) {
    assertEquals(multiplyHigh(a, b), Number((BigInt(a) * BigInt(b)) >> 32n));
  }
});

Deno.test("an epoch's order stays what it was: runs of earlier versions can be resumed", () => {
  assertEquals([...epochOrder(7, 0, 8)], [3, 4, 2, 1, 6, 0, 5, 7]);
  assertEquals([...epochOrder(2 ** 40 + 7, 3, 8)], [0, 6, 5, 1, 2, 3, 4, 7]);
});

Deno.test("every order of three is equally likely", () => {
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < 6000; epoch++) {
    const order = epochOrder(1, epoch, 3).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  // 6 cells of 1000 expected; chi-squared with 5 degrees of freedom is below 20.5 in 999 of 1000 cases.
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assertEquals([counts.size, chi < 20.5], [6, true], `${chi}`);
});

Deno.test("a batch holds the images of its places in the order, as bytes", () => {
  const { epoch, size, perEpoch } = batches({ dataset: numbered(10), batch: 4, seed: 1 });
  assertEquals([size, perEpoch], [4, 2]);
  for (const [index, batch] of [...epoch(5)].entries()) {
    assertEquals(batch.images.shape, [4, 1, 2, 3]);
    assertEquals(dtypeOf(batch.images), "uint8");
    const places = epochOrder(1, 5, 10).subarray(4 * index, 4 * index + 4);
    const expected = [...places].flatMap((n) => [n, n + 1, n + 2, n + 3, n + 4, n + 5]);
    assertEquals([...readBytes(batch.images)], expected);
    assertEquals([dtypeOf(batch.index), ...batch.index.dataSync()], ["int32", ...places]);
    dispose(batch);
  }
});

Deno.test("the next batch is gathered while the consumer waits, and the order is the same", async () => {
  const straight = [...batches({ dataset: numbered(12), batch: 4, seed: 1 }).epoch(0)];
  const dataset = numbered(12);
  const waiting: typeof straight = [];
  for (const batch of batches({ dataset, batch: 4, seed: 1 }).epoch(0)) {
    waiting.push(batch);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (waiting.length === 2) dataset.images.fill(0); // the last batch has been gathered
  }
  const bytes = (all: typeof straight) => all.map(({ images }) => [...readBytes(images)]);
  assertEquals(bytes(waiting), bytes(straight));
  [...straight, ...waiting].forEach(dispose);
});

Deno.test("a consumer that leaves early leaves no tensor and no timer behind", () => {
  const before = liveTensors();
  for (const batch of batches({ dataset: numbered(10), batch: 2, seed: 1 }).epoch(0)) {
    dispose(batch);
    break;
  }
  assertEquals(liveTensors(), before);
});

Deno.test("batches in order are the whole data set, the last one what is left", () => {
  const dataset = numbered(7);
  const parts = [...batchesInOrder(dataset, 3)];
  assertEquals(parts.map((part) => part.shape[0]), [3, 3, 1]);
  assertEquals(parts.flatMap((part) => [...readBytes(part)]), [...dataset.images]);
  for (const part of parts) part.dispose();
});

Deno.test("batches that cannot be are refused", () => {
  const dataset = numbered(4);
  const make = (changed: Partial<Dataset>, batch = 2) => () =>
    batches({ dataset: { ...dataset, ...changed }, batch, seed: 0 });
  assertThrows(
    make({}, 5),
    RangeError,
    "Cannot make batches of numbered: expected a whole batch size in [1, 4], found 5",
  );
  assertThrows(make({}, 0), RangeError, "found 0");
  assertThrows(make({}, 1.5), RangeError, "found 1.5");
  assertThrows(make({ count: 0, images: new Uint8Array() }), RangeError, "expected at least 1 image, found 0");
  assertThrows(make({ count: 3 }), TypeError, "expected 18 bytes for [3,1,2,3], found 24");
  assertThrows(make({ labels: Uint8Array.of(1) }), TypeError, "expected 4 labels, found 1");
  assertThrows(() => batches({ dataset, batch: 2, seed: -1 }).epoch(0).next(), RangeError, "expected a whole seed");
  assertThrows(
    () => make({})().epoch(0, 3).next(),
    RangeError,
    "Cannot begin an epoch: expected a batch in [0, 2], found 3",
  );
  assertThrows(() => batchesInOrder(dataset, 0), RangeError, "found 0");
});

Deno.test("a limit is spread over the classes as evenly as they reach", () => {
  assertEquals(limited(7, 5, [0, 0, 0, 0, 1, 2, 2]), [0, 1, 4, 5, 6]);
  assertEquals(limited(3, 9), [0, 1, 2]);
  assertThrows(() => limited(3, 0), RangeError, "found 0");
});

Deno.test("a selection takes images and labels along, and copies", () => {
  const dataset = { ...numbered(3), labels: Int32Array.of(5, 6, 700) };
  const picked = select(dataset, [2, 0]);
  assertEquals([...picked.images], [2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5]);
  assertEquals([picked.count, ...picked.labels!], [2, 700, 5]);
  picked.images.fill(0);
  assertEquals(dataset.images[17], 7);
  assertThrows(() => select(dataset, [3]), RangeError, "Cannot take an image: expected a place in [0, 3), found 3");
});
