import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";

const maxPoolOp = defineOp({
  name: "MaxPool",
  inputs: ["x"],
  forward: ({ x }, attributes) => op("MaxPool", [x], attributes),
  gradient: ([gradient], { inputs: { x }, outputs }, attributes) => ({
    x: () => op("MaxPoolGrad", [x, outputs[0], gradient], attributes)[0],
  }),
  saves: { inputs: ["x"], outputs: [0] },
});

/**
 * The greatest value in each window that lies inside of the image.
 *
 * @param x float32 [N, height, width, C].
 * @param size Height and width of a window, pixels.
 * @param stride Pixels from one window to the next.
 * @returns float32 [N, ..., ..., C]. Differentiable.
 */
export function maxPool2d(x: Tensor, size: number, stride: number): Tensor {
  return maxPoolOp({ x }, {
    ksize: [1, size, size, 1],
    strides: [1, stride, stride, 1],
    padding: "VALID",
    data_format: "NHWC",
  })[0];
}

const meanOp = defineOp({
  name: "GlobalMean",
  inputs: ["x"],
  forward: ({ x }) => op("Mean", [x, tf.tensor1d([1, 2], "int32")], { keep_dims: false }),
  // tfjs's own gradient multiplies with a full-size tensor of ones.
  gradient: ([gradient], _, { shape }) => ({
    x: () => {
      const [n, height, width, channels] = shape as number[];
      const share = tf.reshape(tf.mul(gradient, 1 / (height * width)), [n, 1, 1, channels]);
      return op("BroadcastTo", [share, tf.tensor1d([n, height, width, channels], "int32")])[0];
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
