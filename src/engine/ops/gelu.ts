import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";

// With v = x / sqrt(2) and z = 1 + erf(v), the value is x z / 2 and its derivative (z + 2 / sqrt(pi) v exp(-v^2)) / 2.
// Every op is a pass over the widest activations of a transformer, so v and z are kept and the constant of the
// exponential is in its exponent.
const geluOp = defineOp({
  name: "Gelu",
  inputs: ["x"],
  forward: ({ x }) => {
    const [v] = op("Mul", [x, tf.scalar(Math.SQRT1_2)]);
    const [z] = op("AddV2", [op("Erf", [v])[0], tf.scalar(1)]);
    const [y] = op("Mul", [op("Mul", [v, z])[0], tf.scalar(Math.SQRT1_2)]);
    return [y, v, z];
  },
  gradient: ([gradient], { outputs }) => ({
    x: () => {
      const [v, z] = [outputs[1], outputs[2]];
      const [exponent] = op("Sub", [tf.scalar(Math.log(2 / Math.sqrt(Math.PI))), op("Square", [v])[0]]);
      const [slope] = op("AddV2", [z, op("Mul", [v, op("Exp", [exponent])[0]])[0]]);
      return op("Mul", [op("Mul", [gradient, slope])[0], tf.scalar(0.5)])[0];
    },
  }),
  saves: { inputs: [], outputs: [1, 2] },
});

/**
 * x times the normal distribution function of x: x (1 + erf(x / sqrt(2))) / 2.
 *
 * @param x float32 of any shape. Differentiable.
 */
export function geluExact(x: Tensor): Tensor {
  return geluOp({ x })[0];
}
