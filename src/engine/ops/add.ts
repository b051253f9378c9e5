import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const addOp = defineOp({
  name: "AddV2",
  inputs: ["a", "b"],
  forward: ({ a, b }) => op("AddV2", [a, b]),
  gradient: ([gradient]) => ({ a: () => tf.clone(gradient), b: () => tf.clone(gradient) }),
  saves: { inputs: [], outputs: [] },
});

/**
 * The sum of two tensors of one shape. Without broadcasting, its gradient is the gradient itself.
 *
 * @param a float32 of any shape.
 * @param b float32 of the same shape.
 */
export function addSame(a: Tensor, b: Tensor): Tensor {
  return addOp({ a, b })[0];
}
