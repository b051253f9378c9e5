import { rematerialized, reshapedFrom } from "../compile/mod.ts";
import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const reluOp = defineOp({
  name: "Relu",
  inputs: ["x"],
  forward: ({ x }) => {
    // TensorFlow fuses batch norm and ReLU into one kernel only where no reshape stands between them.
    const source = reshapedFrom(x);
    return [source === undefined ? relu(x) : tf.reshape(relu(source), x.shape)];
  },
  gradient: ([gradient], { outputs }) => ({
    x: () => op("ReluGrad", [gradient, rematerialized(outputs[0], [gradient])])[0],
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
