import { type Tensor, tf } from "../backend.ts";
import { fused } from "../fused.ts";
import { defineOp, op } from "../op.ts";

// With v = x / sqrt(2) and z = 1 + erf(v), the value is x z / 2 and its derivative (z + 2 / sqrt(pi) v exp(-v^2)) / 2.
// Every op would be a pass over the widest activations of a transformer, of which one is kept, the derivative; the
// constant of the exponential is in its exponent.
const valueAndDerivative = fused("gelu", (x) => {
  const [v] = op("Mul", [x, tf.scalar(Math.SQRT1_2)]);
  const [z] = op("AddV2", [op("Erf", [v])[0], tf.scalar(1)]);
  const [y] = op("Mul", [op("Mul", [v, z])[0], tf.scalar(Math.SQRT1_2)]);
  const [exponent] = op("Sub", [tf.scalar(Math.log(2 / Math.sqrt(Math.PI))), op("Square", [v])[0]]);
  const [doubled] = op("AddV2", [z, op("Mul", [v, op("Exp", [exponent])[0]])[0]]);
  return [y, op("Mul", [doubled, tf.scalar(0.5)])[0]];
});

const geluOp = defineOp({
  name: "Gelu",
  inputs: ["x"],
  forward: ({ x }) => [...valueAndDerivative(x)],
  gradient: ([gradient], { outputs: { 1: derivative } }) => ({
    x: () => op("Mul", [gradient, derivative])[0],
  }),
  saves: { inputs: [], outputs: [1] },
});

/**
 * x times the normal distribution function of x: x (1 + erf(x / sqrt(2))) / 2.
 *
 * @param x float32 of any shape. Differentiable.
 */
export function geluExact(x: Tensor): Tensor {
  return geluOp({ x })[0];
}
