import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { sgd as reference, type SgdOptions } from "../../reference/sgd.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { floats, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

const options = fc.record({ learningRate: floats(0, 1), momentum: floats(0, 1), weightDecay: floats(0, 0.5) });

/** Parameters and the gradients of several steps. */
const runs = sizes(1, 6).chain((length) =>
  fc.tuple(vectors(length), fc.array(vectors(length), { minLength: 1, maxLength: 4 }))
);

type Input = { readonly options: SgdOptions; readonly start: number[]; readonly gradients: number[][] };

Deno.test("sgd equals the reference over several steps, in both forms, the learning rate a number or a schedule", () => {
  fc.assert(
    fc.property(
      options,
      runs,
      fc.boolean(),
      fc.boolean(),
      (options, [start, gradients], scheduled, nesterov) =>
        scope(() => {
          // The schedule halves the rate at each step: the step that the optimizer is given must be the one it asks
          // with.
          const rate = (learningRate: number, step: number) => scheduled ? learningRate / 2 ** step : learningRate;
          const optimizer = sgd({
            ...options,
            nesterov,
            learningRate: scheduled
              ? (step) => tf.div(options.learningRate, tf.pow(2, tf.cast(step, "float32")))
              : options.learningRate,
          });
          let params: { a: { weight: tf.Tensor } } = { a: { weight: tf.tensor1d(start) } };
          let state = optimizer.init(params);
          const steps = gradients.map((gradient, step) => {
            const tree = { a: { weight: tf.tensor1d(gradient) } };
            const next = optimizer.update(tree, state, params, tf.scalar(step, "int32"));
            params = applyUpdates(params, next.updates);
            state = next.state;
            return { parameters: params.a.weight, velocity: (state as { velocity: typeof params }).velocity.a.weight };
          });
          const expected = ({ options: { learningRate, ...constants }, start, gradients }: Input) => {
            let at = {
              parameters: start,
              velocity: start.map(() => 0),
            };
            return gradients.map((gradient, step) =>
              at = reference(
                ...[at.parameters, at.velocity, gradient] as const,
                { ...constants, learningRate: rate(learningRate, step) },
                nesterov,
              )
            );
          };
          // A sum that cancels keeps the rounding of its terms.
          const input = { options, start, gradients };
          assertClose(steps, expected(input), conditioned("reduction", expected, input), "step");
        }),
    ),
  );
});

Deno.test("sgd's usual numbers are a momentum of 0.9, no decay, and no Nesterov step", () => {
  scope(() => {
    const [params, gradients] = [{ w: tf.tensor1d([1.5]) }, { w: tf.tensor1d([-2]) }];
    const optimizer = sgd({ learningRate: 0.1 });
    const { state } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
    const { updates } = optimizer.update(gradients, state, params, tf.scalar(1, "int32"));
    assertClose(state, { velocity: { w: [-2] } }, "elementwise");
    assertClose(updates, { w: [-0.1 * (0.9 * -2 - 2)] }, "elementwise");
  });
});

Deno.test("sgd without gradient, velocity and decay changes no bit of a parameter", () => {
  scope(() => {
    const params = { w: tf.tensor1d([1.5, -2]) };
    const optimizer = sgd({ learningRate: 0.1 });
    const { updates } = optimizer.update({ w: tf.zeros([2]) }, optimizer.init(params), params, tf.scalar(0, "int32"));
    assertEquals([...applyUpdates(params, updates).w.dataSync()], [1.5, -2]);
  });
});
