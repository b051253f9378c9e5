import { fused, fusesActivation, rematerialized, reshapedFrom, summandsOf } from "../compile/mod.ts";
import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

// The sums of a residual connection, and of the gradients on its two ways, are added in the pass that follows them.
const rectifiedSum = fused("rectified sum", (a, b) => [relu(op("AddV2", [a, b])[0])]);
const gradientOfSum = fused(
  "rectified sum's gradient",
  (a, b, y) => op("ReluGrad", [op("AddV2", [a, b])[0], y]),
);

const reluOp = defineOp({
  name: "Relu",
  inputs: ["x"],
  forward: ({ x }) => {
    const summands = fusesActivation(x) ? summandsOf(x) : undefined;
    if (summands !== undefined) return [...rectifiedSum(...summands)];
    // TensorFlow fuses batch norm and ReLU into one kernel only where no reshape stands between them.
    const source = reshapedFrom(x);
    return [source === undefined ? relu(x) : tf.reshape(relu(source), x.shape)];
  },
  gradient: ([gradient], { outputs }) => ({
    x: () => {
      const y = rematerialized(outputs[0], [gradient]);
      const summands = fusesActivation(gradient) ? summandsOf(gradient) : undefined;
      if (summands !== undefined) return gradientOfSum(...summands, y)[0];
      return op("ReluGrad", [gradient, y])[0];
    },
  }),
  saves: { inputs: [], outputs: [0] },
});

function relu(x: Tensor): Tensor {
  return op("Relu", [x])[0];
}

/**
 * max(x, 0). tfjs's own gradient is a step function times the gradient, in two passes; this one is one op.
 *
 * @param x float32 of any shape. Differentiable; the derivative at 0 is 0.
 */
export function rectify(x: Tensor): Tensor {
  return reluOp({ x })[0];
}
