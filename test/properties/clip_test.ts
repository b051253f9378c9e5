import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { clipByGlobalNorm as reference } from "../../reference/clip.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { clipByGlobalNorm } from "../../src/optim/clip.ts";
import { globalNorm } from "../../src/optim/global_norm.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { floats, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

/** What an optimizer behind the clipping sees: sgd's first update at rate -1 is the gradient. */
function clipped(a: number[], b: number[], max: number) {
  const optimizer = clipByGlobalNorm(sgd({ learningRate: () => tf.scalar(-1) }), max);
  const params = { a: tf.zeros([a.length]), b: { c: tf.zeros([b.length]) } };
  const gradients = { a: tf.tensor1d(a), b: { c: tf.tensor1d(b) } };
  const { updates } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
  return applyUpdates(params, updates);
}

Deno.test("clipByGlobalNorm equals the reference, and no norm is above the greatest one", () => {
  fc.assert(fc.property(vectors(3), vectors(2), floats(0.125, 4), (a, b, max) =>
    scope(() => {
      const [first, second] = reference([a, b], max);
      const updates = clipped(a, b, max);
      assertClose(updates, { a: first, b: { c: second } }, "elementwise");
      assert(globalNorm(updates).dataSync()[0] <= max * (1 + 1e-6));
    })));
});

Deno.test("clipByGlobalNorm leaves what is short alone, bit for bit, zeros too", () => {
  scope(() => {
    assertEquals([...clipped([0.3, -0.1], [0.2], 1).a.dataSync()], [Math.fround(0.3), Math.fround(-0.1)]);
    assertEquals([...clipped([0, 0], [0], 1).a.dataSync()], [0, 0]);
  });
});

Deno.test("clipByGlobalNorm refuses a norm of 0", () => {
  assertThrows(() => clipByGlobalNorm(sgd({ learningRate: 1 }), 0), RangeError, "found 0");
});
