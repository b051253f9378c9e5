import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { lars as reference } from "../../reference/lars.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { applyUpdates } from "../../src/optim/apply_updates.ts";
import { lars, type LarsOptions } from "../../src/optim/lars.ts";
import { floats, sizes, vectors } from "../support/arbitraries.ts";
import { assertClose, type Numbers } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

const options = fc.record({
  learningRate: floats(0, 2),
  momentum: floats(0, 1),
  weightDecay: fc.constantFrom(0, 1e-6, 0.1),
  trust: fc.constantFrom(0.001, 0.1, 1),
});

/** A matrix and a bias, given as flat lists, and the gradients of several steps. */
const runs = fc.tuple(sizes(1, 3), sizes(1, 3)).chain(([rows, columns]) => {
  const tensors = fc.record({ weight: vectors(rows * columns), bias: vectors(columns) });
  return fc.record({
    shape: fc.constant([rows, columns] as const),
    start: tensors,
    gradients: fc.array(tensors, { minLength: 1, maxLength: 4 }),
  });
});

type Pair = { readonly weight: number[]; readonly bias: number[] };

/** Parameters and velocity after each step of the reference; the learning rate halves where it is scheduled. */
function references(scheduled: boolean) {
  return ({ options, start, gradients }: { options: Numbers; start: Pair; gradients: Pair[] }) => {
    let parameters = start;
    let velocity = { weight: start.weight.map(() => 0), bias: start.bias.map(() => 0) };
    return gradients.map((gradient, step) => {
      const { learningRate, ...constants } = options as Required<LarsOptions> & { learningRate: number };
      const numbers = { ...constants, learningRate: scheduled ? learningRate / 2 ** step : learningRate };
      const weight = reference(parameters.weight, velocity.weight, gradient.weight, 2, numbers);
      const bias = reference(parameters.bias, velocity.bias, gradient.bias, 1, numbers);
      parameters = { weight: weight.parameters, bias: bias.parameters };
      velocity = { weight: weight.velocity, bias: bias.velocity };
      return { parameters, velocity };
    });
  };
}

Deno.test("lars equals the reference over several steps, the learning rate a number or a schedule", () => {
  fc.assert(fc.property(options, runs, fc.boolean(), (options, { shape, start, gradients }, scheduled) =>
    scope(() => {
      const optimizer = lars({
        ...options,
        learningRate: scheduled
          ? (step) => tf.div(options.learningRate, tf.pow(2, tf.cast(step, "float32")))
          : options.learningRate,
      });
      const tree = ({ weight, bias }: Pair) => ({ weight: tf.tensor2d(weight, [...shape]), bias: tf.tensor1d(bias) });
      let params = tree(start);
      let state = optimizer.init(params);
      const steps = gradients.map((gradient, step) => {
        const next = optimizer.update(tree(gradient), state, params, tf.scalar(step, "int32"));
        params = applyUpdates(params, next.updates);
        state = next.state;
        return { parameters: flat(params), velocity: flat(state.velocity as typeof params) };
      });
      // The step divides by the length of a direction and multiplies by that of a parameter: both may nearly cancel.
      const expected = references(scheduled);
      const input = { options, start, gradients };
      assertClose(steps, expected(input), conditioned("reduction", expected, input), "step");
    })));
});

function flat({ weight, bias }: { weight: tf.Tensor; bias: tf.Tensor }): Numbers {
  return { weight: tf.reshape(weight, [-1]), bias };
}

/** The updates of one first step. */
function update(options: LarsOptions, params: tf.Tensor, gradient: tf.Tensor): number[] {
  const optimizer = lars(options);
  const tree = { w: params };
  const { updates } = optimizer.update({ w: gradient }, optimizer.init(tree), tree, tf.scalar(0, "int32"));
  return [...(updates.w as tf.Tensor).dataSync()];
}

Deno.test("lars: the length of a matrix's gradient does not matter, its share of the matrix's norm is the trust", () => {
  fc.assert(
    fc.property(
      vectors(6).filter((g) => Math.hypot(...g) > 0.25),
      floats(0.125, 100),
      (gradient, scale) =>
        scope(() => {
          const params = tf.tensor2d([3, 0, 0, 0, 0, 4], [2, 3]);
          const of = (g: number[]) => update({ learningRate: 2, trust: 0.01 }, params, tf.tensor2d(g, [2, 3]));
          const updates = of(gradient);
          assertClose(of(gradient.map((x) => x * scale)), updates, "reduction");
          assertClose(Math.hypot(...updates), 2 * 0.01 * 5, "reduction");
        }),
    ),
  );
});

Deno.test("lars neither decays nor adapts a parameter of one axis", () => {
  scope(() => {
    const updates = update({ learningRate: 1, weightDecay: 0.5 }, tf.tensor1d([8, 8]), tf.tensor1d([1, -2]));
    assertEquals(updates, [-1, 2]);
  });
});

Deno.test("lars: where a norm is 0 the local rate is 1", () => {
  scope(() => {
    const [zero, some] = [tf.zeros([1, 2]), tf.tensor2d([[1, -2]])];
    assertEquals(update({ learningRate: 1 }, zero, some), [-1, 2]); // a matrix of zeros starts to move
    assertEquals(update({ learningRate: 1 }, some, zero).map(Math.abs), [0, 0]);
  });
});
