import { assertEquals, assertThrows } from "@std/assert";
import { sgd as sgdReference } from "../../reference/sgd.ts";
import { jit, tf } from "../../src/engine/mod.ts";
import { scope } from "../../src/core/scope.ts";
import type { Params } from "../../src/nn/types.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { globalNorm } from "../../src/optim/global_norm.ts";
import { scaleByBatch } from "../../src/optim/scale_by_batch.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { assertClose } from "../support/close.ts";

for (
  const options of [
    { learningRate: 0.5, momentum: 0.9, weightDecay: 0.1 },
    { learningRate: 0.5, momentum: 0.9, weightDecay: 0 },
    { learningRate: 0.5, momentum: 0, weightDecay: 0.1 },
  ]
) {
  Deno.test(`sgd equals the reference over steps: ${JSON.stringify(options)}`, () => {
    scope(() => {
      const gradients = [[1, -2], [0.5, 0.25], [-1, 3]];
      const optimizer = sgd(options);
      let params: Params = { a: { weight: tf.tensor1d([2]) }, b: tf.tensor1d([-3]) };
      let state = optimizer.init(params);
      let [expected, velocity] = [[2, -3], [0, 0]];
      gradients.forEach(([a, b], step) => {
        const gradient = { a: { weight: tf.tensor1d([a]) }, b: tf.tensor1d([b]) };
        const next = optimizer.update(gradient, state, params, tf.scalar(step, "int32"));
        ({ parameters: expected, velocity } = sgdReference(expected, velocity, [a, b], options));
        params = applyUpdates(params, next.updates);
        state = next.state;
        assertClose(params, { a: { weight: [expected[0]] }, b: [expected[1]] }, "elementwise", `parameters ${step}`);
        assertClose(
          state.velocity,
          { a: { weight: [velocity[0]] }, b: [velocity[1]] },
          "elementwise",
          `velocity ${step}`,
        );
      });
    });
  });
}

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

Deno.test("updates of another structure are refused", () => {
  scope(() =>
    assertThrows(() => applyUpdates({ w: tf.scalar(1) }, { v: tf.scalar(1) }), TypeError, "expected a record of {w}")
  );
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
