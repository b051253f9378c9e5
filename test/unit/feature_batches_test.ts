import { assertEquals } from "@std/assert";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { featureBatches, pixels } from "../../src/evaluate/features.ts";
import { jit } from "../../src/engine/mod.ts";

const data = { images: Uint8Array.of(0, 51, 102, 153, 204, 255, 0), count: 7, height: 1, width: 1, channels: 1 };
const encode = jit(pixels);

Deno.test("batches of features come in order, however many are computed at once", async () => {
  const before = liveTensors();
  for (const atOnce of [1, 2, 3]) {
    const found: unknown[] = [];
    for await (const { features, index } of featureBatches(encode, data, 2, undefined, atOnce)) {
      found.push([index, [...features.dataSync()].map((x) => x.toFixed(1))]);
      dispose({ features });
    }
    assertEquals(found, [[[0, 1], ["0.0", "0.2"]], [[2, 3], ["0.4", "0.6"]], [[4, 5], ["0.8", "1.0"]], [[6], ["0.0"]]]);
    assertEquals(liveTensors(), before);
  }
});

Deno.test("whoever stops taking features leaves none behind", async () => {
  const before = liveTensors();
  for (const atOnce of [1, 2]) {
    for await (const { features, index } of featureBatches(encode, data, 2, undefined, atOnce)) {
      dispose({ features });
      if (index[0] === 2) break;
    }
    assertEquals(liveTensors(), before);
  }
});
