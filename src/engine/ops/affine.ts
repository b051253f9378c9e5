import { rematerialized } from "../compile/mod.ts";
import { defineOp, op, type Tensor } from "../native/mod.ts";

const matMulOp = defineOp({
  name: "MatMul",
  inputs: ["a", "b"],
  forward: ({ a, b }) => op("MatMul", [a, b]),
  gradient: ([gradient], { inputs: { a, b } }) => ({
    a: () => op("MatMul", [gradient, b], { transpose_b: true })[0],
    b: () => op("MatMul", [rematerialized(a, [gradient]), gradient], { transpose_a: true })[0],
  }),
  saves: { inputs: ["a", "b"], outputs: [] },
});

const biasAddOp = defineOp({
  name: "BiasAdd",
  inputs: ["x", "bias"],
  forward: ({ x, bias }) => op("BiasAdd", [x, bias]),
  gradient: ([gradient]) => ({
    x: () => gradient.clone(),
    bias: () => op("BiasAddGrad", [gradient])[0],
  }),
  saves: { inputs: [], outputs: [] },
});

/**
 * The product of two matrices.
 *
 * @param a float32 [N, in].
 * @param b float32 [in, out].
 * @returns float32 [N, out]. Differentiable.
 */
export function matrixProduct(a: Tensor, b: Tensor): Tensor {
  return matMulOp({ a, b })[0];
}

/**
 * A bias added to each channel.
 *
 * @param x float32 [..., C].
 * @param bias float32 [C].
 * @returns float32 as x. Differentiable.
 */
export function biasAdd(x: Tensor, bias: Tensor): Tensor {
  return biasAddOp({ x, bias })[0];
}
