import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { ints } from "./ints.ts";

/** The mean of each row. */
function rowMean(x: Tensor): Tensor {
  return op("Mean", [x, ints(1)], { keep_dims: true })[0]; // [rows, 1]
}

const layerNormOp = defineOp({
  name: "LayerNorm",
  inputs: ["x", "scale", "offset"],
  forward: ({ x, scale, offset }, { epsilon }) => {
    const [centred] = op("Sub", [x, rowMean(x)]); // [rows, C]
    const variance = rowMean(op("Square", [centred])[0]); // [rows, 1]
    const [inverse] = op("Rsqrt", [tf.add(variance, epsilon as number)]); // [rows, 1]
    const [normalized] = op("Mul", [centred, inverse]); // [rows, C]
    const [y] = op("BiasAdd", [op("Mul", [normalized, scale])[0], offset]);
    return [y, normalized, inverse];
  },
  // With g = dy scale: dx = (g - mean(g) - normalized mean(g normalized)) / deviation, the means over a row.
  gradient: ([gradient], { inputs: { scale }, outputs }) => {
    const [normalized, inverse] = [outputs[1], outputs[2]];
    const [along] = op("Mul", [gradient, normalized]); // [rows, C]
    return {
      x: () => {
        const [g] = op("Mul", [gradient, scale]);
        const [parallel] = op("Mul", [normalized, rowMean(op("Mul", [along, scale])[0])]);
        const [orthogonal] = op("Sub", [op("Sub", [g, rowMean(g)])[0], parallel]);
        return op("Mul", [orthogonal, inverse])[0];
      },
      scale: () => op("BiasAddGrad", [along])[0],
      offset: () => op("BiasAddGrad", [gradient])[0],
    };
  },
  saves: { inputs: ["scale"], outputs: [1, 2] },
});

/**
 * Normalises each row by its own mean and biased variance, then scales and shifts each column.
 *
 * @param x float32 [rows, C].
 * @param scale float32 [C].
 * @param offset float32 [C].
 * @param epsilon Added to a variance before its root is taken.
 * @returns float32 as x. Differentiable.
 */
export function normalizeRows(x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): Tensor {
  return layerNormOp({ x, scale, offset }, { epsilon })[0];
}
