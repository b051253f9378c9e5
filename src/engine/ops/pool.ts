import { type Attributes, defineOp, op, type Tensor, tf } from "../native/mod.ts";
import {
  poolsWithBorder,
  rematerialized,
  takesPoolGradientsWithBorder,
  withControlDependencies,
} from "../compile/mod.ts";
import { amountsOf, type Border, isEmpty, noBorder, windowAttributes, withoutBorder } from "./border.ts";
import { ints } from "./ints.ts";

const maxPoolOp = defineOp({
  name: "MaxPool",
  inputs: ["x"],
  forward: ({ x }, attributes) => {
    const { size, stride, border } = attributes as Windows;
    if (poolsWithBorder(x)) return op("MaxPool", [x], windows(size, stride, border));
    return op("MaxPool", [bordered(x, border)], windows(size, stride, noBorder));
  },
  gradient: ([gradient], { inputs, outputs }, attributes) => ({
    x: () => {
      const { size, stride, border } = attributes as Windows;
      const x = rematerialized(inputs.x, [gradient]);
      if (takesPoolGradientsWithBorder()) {
        return op("MaxPoolGrad", [x, outputs[0], gradient], windows(size, stride, border))[0];
      }
      const images = bordered(withControlDependencies([x], [gradient])[0], border);
      const within = windows(size, stride, noBorder);
      const [y] = op("MaxPool", [images], within); // oneDNN's gradient needs what its own kernel noted
      return withoutBorder(op("MaxPoolGrad", [images, y, gradient], within)[0], border, x.shape);
    },
  }),
  saves: { inputs: ["x"], outputs: [0] },
});

type Windows = { readonly size: number; readonly stride: number; readonly border: Border };

function windows(size: number, stride: number, border: Border): Attributes {
  return { ksize: [1, size, size, 1], ...windowAttributes(size, stride, border) };
}

/** Images with a border that is never the greatest. */
function bordered(x: Tensor, border: Border): Tensor {
  return isEmpty(border) ? x : tf.pad(x, amountsOf(border), -Infinity);
}

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
  return maxPoolOp({ x }, { size, stride, border })[0];
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
