import { assertEquals, assertThrows } from "@std/assert";
import { jit, tf } from "../../src/engine/mod.ts";
import { scope } from "../../src/core/scope.ts";
import type { Params } from "../../src/nn/types.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { globalNorm } from "../../src/optim/global_norm.ts";
import { scaleByBatch } from "../../src/optim/scale_by_batch.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { assertClose } from "../support/close.ts";

Deno.test("sgd's first velocity is the decayed gradient, and a rate may follow a schedule, traced", () => {
  scope(() => {
    const optimizer = sgd({ learningRate: (step) => tf.add(tf.cast(step, "float32"), 1), weightDecay: 0.5 });
    const params = { w: tf.tensor1d([4]) };
    const update = jit((gradients: Params, state: { velocity: Params }, params: Params, step: tf.Tensor) =>
      optimizer.update(gradients, state, params, step)
    );
    const { updates, state } = update({ w: tf.tensor1d([1]) }, optimizer.init(params), params, tf.scalar(6, "int32"));
    assertClose(state.velocity, { w: [3] }, "exact");
    assertClose(updates, { w: [-21] }, "exact");
  });
});

Deno.test("updates of another structure or shape are refused", () => {
  scope(() => {
    const smaller = () => applyUpdates({ w: tf.zeros([2, 3]) }, { w: tf.zeros([3]) });
    assertThrows(smaller, TypeError, `Cannot update "w": expected shape [2,3], found [3]`);
    assertThrows(() => applyUpdates({ w: tf.scalar(1) }, { v: tf.scalar(1) }), TypeError, "expected a record of {w}");
  });
});

Deno.test("the global norm is Euclidean over all leaves", () => {
  scope(() => {
    assertClose(globalNorm({ a: tf.tensor2d([[1, -2], [2, 0]]), b: { c: tf.scalar(4) } }), 5, "exact");
    assertEquals(globalNorm({}).dataSync()[0], 0);
  });
});

Deno.test("the learning rate grows with the batch", () => {
  assertEquals(scaleByBatch(0.03, 128), 0.015);
  assertEquals(scaleByBatch(0.03, 1024), 0.12);
});
