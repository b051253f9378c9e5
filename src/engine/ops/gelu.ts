import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { fused, rematerializable } from "../compile/mod.ts";

// As separate ops, each would be a pass over the widest activations of a transformer. With v = x / sqrt(2) and z = 1 +
// erf(v), the value is x z / 2 and the derivative (z + 2 / sqrt(pi) v exp(-v^2)) / 2. The derivative's constant is
// moved into the exponent here.
const value = fused("gelu", (x) => {
  const { v, z } = parts(x);
  return op("Mul", [op("Mul", [v, z])[0], tf.scalar(Math.SQRT1_2)]);
});

const gradientOf = fused("gelu gradient", (x, gradient) => {
  const { v, z } = parts(x);
  const [exponent] = op("Sub", [tf.scalar(Math.log(2 / Math.sqrt(Math.PI))), op("Square", [v])[0]]);
  const [doubled] = op("AddV2", [z, op("Mul", [v, op("Exp", [exponent])[0]])[0]]);
  return op("Mul", [gradient, op("Mul", [doubled, tf.scalar(0.5)])[0]]);
});

function parts(x: Tensor): { readonly v: Tensor; readonly z: Tensor } {
  const [v] = op("Mul", [x, tf.scalar(Math.SQRT1_2)]);
  return { v, z: op("AddV2", [op("Erf", [v])[0], tf.scalar(1)])[0] };
}

const geluOp = defineOp({
  name: "Gelu",
  inputs: ["x"],
  forward: ({ x }) => {
    const [y] = value(x);
    rematerializable(y, [x], ([x]) => value(x)[0]); // as large as x, which is kept in any case
    return [y];
  },
  gradient: ([gradient], { inputs: { x } }) => ({ x: () => gradientOf(x, gradient)[0] }),
  saves: { inputs: ["x"], outputs: [] },
});

/**
 * x times the normal distribution function of x: x (1 + erf(x / sqrt(2))) / 2.
 *
 * @param x float32 of any shape. Differentiable.
 */
export function geluExact(x: Tensor): Tensor {
  return geluOp({ x })[0];
}
