import fc from "fast-check";
import { adamW as reference, type AdamWOptions } from "../../reference/adamw.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { floats, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

const options = fc.record({
  learningRate: floats(0, 1),
  beta1: fc.constantFrom(0, 0.5, 0.9),
  beta2: fc.constantFrom(0, 0.9, 0.999),
  epsilon: fc.constantFrom(1e-8, 1e-3),
  weightDecay: floats(0, 0.5),
});

/** Parameters and the gradients of several steps. */
const runs = sizes(1, 6).chain((length) =>
  fc.tuple(vectors(length), fc.array(vectors(length), { minLength: 1, maxLength: 5 }))
);

type Moments = Parameters<typeof reference>[1];
type Input = { readonly options: AdamWOptions; readonly start: number[]; readonly gradients: number[][] };

Deno.test("adamW equals the reference over several steps, the learning rate a number or a schedule", () => {
  fc.assert(
    fc.property(
      options,
      runs,
      fc.boolean(),
      sizes(0, 50),
      (options, [start, gradients], scheduled, from) =>
        scope(() => {
          const rate = (learningRate: number, index: number) => scheduled ? learningRate / 2 ** index : learningRate;
          const optimizer = adamW({
            ...options,
            learningRate: scheduled
              ? (step) =>
                tf.div(options.learningRate, tf.pow(2, tf.cast(tf.sub(step, tf.scalar(from, "int32")), "float32")))
              : options.learningRate,
          });
          let params: { a: { weight: tf.Tensor } } = { a: { weight: tf.tensor1d(start) } };
          let state = optimizer.init(params);
          const steps = gradients.map((gradient, index) => {
            // The bias correction counts the updates; the training may be at any step.
            const step = from + index;
            const tree = { a: { weight: tf.tensor1d(gradient) } };
            const next = optimizer.update(tree, state, params, tf.scalar(step, "int32"));
            params = applyUpdates(params, next.updates);
            state = next.state;
            assertClose(state.count, index + 1, "exact", "count");
            const [first, second] = [state.first as typeof params, state.second as typeof params];
            return { parameters: params.a.weight, moments: { first: first.a.weight, second: second.a.weight } };
          });
          const expected = ({ options: { learningRate, ...constants }, start, gradients }: Input) => {
            const zeros = start.map(() => 0);
            let at = { parameters: start, state: { first: zeros, second: zeros, count: 0 } as Moments };
            return gradients.map((gradient, index) => {
              const options = { ...constants, learningRate: rate(learningRate, index) };
              at = reference(at.parameters, at.state, gradient, options);
              return { parameters: at.parameters, moments: { first: at.state.first, second: at.state.second } };
            });
          };
          // Where the mean square is near 0, a step is as long as 1 / epsilon, and the next one may take it back.
          const input = { options, start, gradients };
          assertClose(steps, expected(input), conditioned("reduction", expected, input), "step");
        }),
    ),
  );
});

Deno.test("adamW's first step is the learning rate along the sign, whatever the gradient's size, and decay apart from it", () => {
  fc.assert(fc.property(floats(-2, 2), floats(0.125, 2), fc.boolean(), (param, size, up) =>
    scope(() => {
      const optimizer = adamW({ learningRate: 0.25, weightDecay: 0.5 });
      const params = { bias: tf.tensor1d([param]) };
      const gradients = { bias: tf.tensor1d([up ? size : -size]) };
      const { updates } = optimizer.update(gradients, optimizer.init(params), params, tf.scalar(0, "int32"));
      assertClose(updates, { bias: [(up ? -0.25 : 0.25) - 0.25 * 0.5 * param] }, "reduction");
    })));
});

Deno.test("adamW's bias correction keeps its precision over the first steps at beta2 near 1", () => {
  scope(() => {
    // At a constant gradient the corrected mean and root of the mean square stay the gradient: every step is -lr.
    const optimizer = adamW({ learningRate: 1, beta1: 0.9, beta2: 0.9999, weightDecay: 0 });
    const params = { w: tf.tensor1d([0]) };
    let state = optimizer.init(params);
    for (let step = 0; step < 5; step++) {
      const next = optimizer.update({ w: tf.tensor1d([0.5]) }, state, params, tf.scalar(step, "int32"));
      state = next.state;
      assertClose(next.updates, { w: [-1] }, "elementwise", `step ${step}`);
    }
  });
});
