/** What methods and their parts refuse, whichever method it is. */
import { assertEquals, assertThrows } from "@std/assert";
import { recipe } from "../../src/augment/recipe.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { key } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { remember } from "../../src/methods/bank.ts";
import { batchContrast, batchInfoNce, contrastAccuracy, infoNce, ntXent } from "../../src/methods/contrast.ts";
import { ema } from "../../src/methods/ema.ts";
import { createMemoryBank } from "../../src/methods/memory_bank.ts";
import { createMethod } from "../../src/methods/method.ts";
import { initQueue } from "../../src/methods/queue.ts";
import { dense } from "../../src/nn/dense.ts";
import { relu } from "../../src/nn/relu.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { sgd } from "../../src/optim/sgd.ts";

Deno.test("an encoder without parameters has features", () => {
  const method = createMethod(sequential({ a: relu() }), {
    init: () => ({ query: { params: {}, buffers: {} } }),
    step: (state) => ({ state, metrics: {} }),
  });
  scope(() => {
    const features = method.features({ query: { params: {}, buffers: {} } }, tf.tensor2d([[-1, 2]]));
    assertEquals([...features.dataSync()], [0, 2]);
  });
});

Deno.test("a step is refused views of which there are not as many keys as queries", () => {
  const method = createMethod(relu(), {
    init: () => ({ query: { params: {}, buffers: {} } }),
    step: (state) => ({ state, metrics: {} }),
  });
  const [four, eight] = [tf.zeros([4, 2]), tf.zeros([8, 2])];
  for (
    const [query, key, message] of [[four, eight, "4 queries, found 8"], [eight, four, "8 queries, found 4"]] as const
  ) {
    assertThrows(
      () => method.step({ query: { params: {}, buffers: {} } }, { query, key }),
      TypeError,
      `Cannot take a step: expected a key for each of ${message}`,
    );
  }
  dispose({ four, eight });
});

Deno.test("no contrast takes a temperature that is not above 0", () =>
  scope(() => {
    const rows = tf.ones([2, 3]);
    for (const temperature of [0, -1, NaN]) {
      for (
        const contrast of [
          () => infoNce(rows, rows, rows, temperature),
          () => batchInfoNce(rows, rows, temperature),
          () => batchContrast(rows, rows, temperature),
          () => ntXent(rows, rows, temperature),
        ]
      ) assertThrows(contrast, RangeError, `expected temperature to be a number greater than 0, found ${temperature}`);
    }
  }));

Deno.test("a positive whose logits are not numbers is not found", () =>
  scope(() => {
    const logits = tf.tensor2d([[NaN, NaN, NaN], [3, 1, NaN], [3, 1, 2]]);
    assertEquals(contrastAccuracy(logits, 1).dataSync()[0], Math.fround(1 / 3));
  }));

Deno.test("a key encoder does not follow a query encoder of other shapes", () =>
  scope(() => {
    const moved = () => ema({ w: tf.zeros([2, 3]) }, { w: tf.zeros([3]) }, 0.5);
    assertThrows(moved, TypeError, `Cannot move "w": expected shape [2,3], found [3]`);
  }));

Deno.test("a key encoder and a memory bank take a momentum of theirs alone", () =>
  scope(() => {
    const rows = tf.ones([2, 2]);
    for (const momentum of [-0.1, 1.1, NaN]) {
      const moved = () => ema({ w: rows }, { w: rows }, momentum);
      assertThrows(moved, RangeError, `expected momentum to be a number in [0, 1], found ${momentum}`);
    }
    const bank = { keys: rows, seen: tf.tensor1d([false, false], "bool") };
    for (const momentum of [-0.1, 1, NaN]) {
      assertThrows(
        () => remember(bank, tf.tensor1d([0, 1], "int32"), rows, momentum),
        RangeError,
        `expected momentum to be a number of at least 0 and below 1, found ${momentum}`,
      );
      const encoder = {
        backbone: relu(),
        head: dense({ features: 2 }),
        input: [3],
        optimizer: sgd({ learningRate: 0.1 }),
      };
      const config = { ...encoder, temperature: 0.07, images: 4, negatives: 2, momentum };
      assertThrows(() => createMemoryBank(config), RangeError, `Cannot make a memory bank: expected momentum to be`);
    }
    assertEquals([...ema({ w: rows }, { w: rows }, 1).w.dataSync()], [1, 1, 1, 1]);
  }));

Deno.test("a queue and virtual devices are a whole number from 1 on, and a recipe has a known name", () =>
  scope(() => {
    for (const count of [0, -1, 1.5, NaN]) {
      assertThrows(
        () => initQueue(key(0), count, 2),
        RangeError,
        `Cannot make a queue: expected size to be a whole number of at least 1, found ${count}`,
      );
      assertThrows(
        () => virtualDevices(count),
        RangeError,
        `expected groups to be a whole number of at least 1, found ${count}`,
      );
    }
    assertThrows(
      () => recipe({ recipe: "v4" as "v3", size: 8 }),
      RangeError,
      "expected one of the recipes v1, v2, v3, supervised, found v4",
    );
  }));
