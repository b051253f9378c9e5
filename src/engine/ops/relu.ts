import { defineOp, op, type Tensor } from "../native/mod.ts";
import { remade, remakableFrom } from "../compile/mod.ts";
import { fromRows, rowsBehind } from "./rows.ts";

const reluOp = defineOp({
  name: "Relu",
  inputs: ["x"],
  forward: ({ x }) => {
    const y = relu(x);
    remakableFrom(y, x, relu);
    return [y];
  },
  gradient: ([gradient], { outputs }) => ({
    x: () => op("ReluGrad", [gradient, remade(outputs[0], [gradient])])[0],
  }),
  saves: { inputs: [], outputs: [0] },
});

function relu(x: Tensor): Tensor {
  const rows = rowsBehind(x);
  return rows === undefined ? op("Relu", [x])[0] : fromRows(op("Relu", [rows])[0], x.shape);
}

/**
 * max(x, 0). tfjs's own gradient is a step function times the gradient, in two passes; this one is one op.
 *
 * @param x float32 of any shape. Differentiable; the derivative at 0 is 0.
 */
export function rectify(x: Tensor): Tensor {
  return reluOp({ x })[0];
}
