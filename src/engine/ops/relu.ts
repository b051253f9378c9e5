import type { Tensor } from "../backend.ts";
import { defineOp, op } from "../op.ts";

const reluOp = defineOp({
  name: "Relu",
  inputs: ["x"],
  forward: ({ x }) => op("Relu", [x]),
  gradient: ([gradient], { outputs }) => ({ x: () => op("ReluGrad", [gradient, outputs[0]])[0] }),
  saves: { inputs: [], outputs: [0] },
});

/**
 * max(x, 0). tfjs's own gradient is a step function times the gradient, in two passes; this one is one op.
 *
 * @param x float32 of any shape. Differentiable; the derivative at 0 is 0.
 */
export function rectify(x: Tensor): Tensor {
  return reluOp({ x })[0];
}
