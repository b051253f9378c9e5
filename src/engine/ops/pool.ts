import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { poolsWithBorder, rematerialized } from "../compile/mod.ts";
import { amountsOf, type Border, noBorder, windowAttributes } from "./border.ts";
import { ints } from "./ints.ts";

const maxPoolOp = defineOp({
  name: "MaxPool",
  inputs: ["x"],
  forward: ({ x }, attributes) => op("MaxPool", [x], attributes),
  gradient: ([gradient], { inputs: { x }, outputs }, attributes) => ({
    x: () => op("MaxPoolGrad", [rematerialized(x, [gradient]), outputs[0], gradient], attributes)[0],
  }),
  saves: { inputs: ["x"], outputs: [0] },
});

/**
 * The greatest value in each window. The border holds minus infinity, so a window that lies entirely in it gives that.
 *
 * @param x float32 [N, height, width, C].
 * @param size Height and width of a window, pixels.
 * @param stride Pixels from one window to the next.
 * @param border What is added around the images.
 * @returns float32 [N, ..., ..., C]. Differentiable.
 */
export function maxPool2d(x: Tensor, size: number, stride: number, border: Border): Tensor {
  const pooled = (x: Tensor, border: Border) =>
    maxPoolOp({ x }, { ksize: [1, size, size, 1], ...windowAttributes(size, stride, border) })[0];
  if (poolsWithBorder()) return pooled(x, border);
  return pooled(tf.pad(x, amountsOf(border), -Infinity), noBorder); // XLA's pooling knows no border
}

const meanOp = defineOp({
  name: "GlobalMean",
  inputs: ["x"],
  forward: ({ x }) => op("Mean", [x, ints(1, 2)], { keep_dims: false }),
  // tfjs's own gradient multiplies with a full-size tensor of ones.
  gradient: ([gradient], _, { shape }) => ({
    x: () => {
      const [n, height, width, channels] = shape as number[];
      const share = tf.reshape(tf.mul(gradient, 1 / (height * width)), [n, 1, 1, channels]);
      return op("BroadcastTo", [share, ints(n, height, width, channels)])[0];
    },
  }),
  saves: { inputs: [], outputs: [] },
});

/**
 * The mean of each channel over an image.
 *
 * @param x float32 [N, height, width, C].
 * @returns float32 [N, C]. Differentiable.
 */
export function globalMean(x: Tensor): Tensor {
  return meanOp({ x }, { shape: x.shape })[0];
}
