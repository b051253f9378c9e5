import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { adamW as adamWReference, type AdamWState } from "../../reference/adamw.ts";
import { cosineRate } from "../../reference/schedules.ts";
import { scope } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, readBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import type { Params } from "../../src/nn/types.ts";
import { accumulate, everyNth } from "../../src/optim/accumulate.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { cosine } from "../../src/optim/schedules.ts";
import type { Optimizer } from "../../src/optim/types.ts";
import { sizes, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";
import { bytesOf } from "../support/step_laws.ts";

/** n, and the gradients of a few updates of n steps each. */
const runs = fc.tuple(sizes(1, 4), sizes(1, 3)).chain(([n, updates]) =>
  fc.record({
    n: fc.constant(n),
    start: vectors(3),
    gradients: fc.array(vectors(3), { minLength: n * updates, maxLength: n * updates }),
  })
);

type Weights = { readonly w: Tensor };

/** The parameters after each step. */
function follow(optimizer: Optimizer, start: number[], gradients: readonly number[][], traced = false): Weights[] {
  const update = (gradients: Params, state: Tree, params: Params, step: Tensor) =>
    optimizer.update(gradients, state, params, step);
  const call = traced ? jit(update) : update;
  let params: Weights = { w: tf.tensor1d(start) };
  let state = optimizer.init(params);
  return gradients.map((gradient, step) => {
    const next = call({ w: tf.tensor1d(gradient) }, state, params, tf.scalar(step, "int32"));
    state = next.state;
    params = applyUpdates(params, next.updates);
    return params;
  });
}

Deno.test("accumulate over n steps equals one update by the mean gradient, with the schedule of an n times larger batch", () => {
  fc.assert(
    fc.property(runs, fc.boolean(), ({ n, start, gradients }, traced) =>
      scope(() => {
        const schedule = (stepsPerEpoch: number) => cosine({ base: 0.5, epochs: 4, stepsPerEpoch, per: "iteration" });
        const small = follow(accumulate(adamW({ learningRate: schedule(n) }), n), start, gradients, traced);
        const meansOf = (gradients: number[][]) =>
          Array.from({ length: gradients.length / n }, (_, update) =>
            start.map((_, i) =>
              gradients.slice(update * n, (update + 1) * n).reduce((sum, g) => sum + g[i] / n, 0)
            ));
        const means = meansOf(gradients);
        // A mean that cancels has a sign by rounding, and the sign is all that Adam's first step follows. Where it
        // nearly cancels, the later steps follow the ratio of the means.
        fc.pre(means.every((mean) => mean.every((x) => Math.abs(x) > 1e-3)));
        const sums = ({ start, gradients }: { start: number[]; gradients: number[][] }) => {
          const zeros = start.map(() => 0);
          let at = { parameters: start, state: { first: zeros, second: zeros, count: 0 } as AdamWState };
          return meansOf(gradients).map((mean, update) =>
            (at = adamWReference(at.parameters, at.state, mean, {
              learningRate: cosineRate(0.5, update, 4),
              beta1: 0.9,
              beta2: 0.999,
              epsilon: 1e-8,
              weightDecay: 0.1,
            })).parameters
          );
        };
        const large = follow(adamW({ learningRate: schedule(1) }), start, means);
        assertClose(
          large.map((_, update) => small[(update + 1) * n - 1].w),
          large.map(({ w }) => w),
          conditioned("reduction", sums, { start, gradients }),
          "update",
        );
        // Between updates the parameters stay, bit for bit.
        small.forEach(({ w }, step) => {
          if ((step + 1) % n === 0) return;
          const before = step < n ? tf.tensor1d(start) : small[step - step % n - 1].w;
          assertEquals(readBytes(w), readBytes(before), `step ${step}`);
        });
      })),
    { numRuns: 40 },
  );
});

Deno.test("accumulate keeps the inner state between updates, bit for bit, whatever its dtype, and starts anew after one", () => {
  scope(() => {
    const optimizer = accumulate(adamW({ learningRate: 0.1 }), 2);
    const params = { w: tf.tensor1d([1, 2]) };
    const step = (state: ReturnType<typeof optimizer.init>, at: number) =>
      optimizer.update({ w: tf.tensor1d([1, -1]) }, state, params, tf.scalar(at, "int32")).state;
    const first = step(optimizer.init(params), 0);
    assertEquals(bytesOf(first.inner), bytesOf(optimizer.init(params).inner));
    assertEquals([first.count.dataSync()[0], [...(first.sum.w as Tensor).dataSync()]], [1, [0.5, -0.5]]);
    const second = step(first, 1);
    assertEquals(second.inner.count.dataSync()[0], 1);
    assertEquals([second.count.dataSync()[0], [...(second.sum.w as Tensor).dataSync()]], [0, [0, 0]]);
  });
});

Deno.test("everyNth is the momentum at every n-th step from the first on, and 1 between, a number or a schedule, traced", () => {
  for (const momentum of [0.5, (step: Tensor) => tf.div(1, tf.add(2, tf.cast(step, "float32")))]) {
    const traced = jit(everyNth(momentum, 3));
    scope(() => {
      const values = [0, 1, 2, 3, 4, 5, 6].map((step) => traced(tf.scalar(step, "int32")).dataSync()[0]);
      const at = (step: number) => typeof momentum === "number" ? momentum : 1 / (2 + step);
      assertClose(values, [at(0), 1, 1, at(3), 1, 1, at(6)], "elementwise");
    });
  }
});

Deno.test("accumulate and everyNth refuse what is no count", () => {
  assertThrows(() => accumulate(adamW({ learningRate: 1 }), 0), RangeError, "found 0");
  assertThrows(() => everyNth(0.5, 1.5), RangeError, "found 1.5");
});
