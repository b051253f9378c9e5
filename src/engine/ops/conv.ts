import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";
import { filterGradient } from "./filter_gradient.ts";
import { suitsWinograd, winogradConv } from "./winograd.ts";

const convOp = defineOp({
  name: "Conv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => op("Conv2D", [x, filter], attributes),
  gradient: ([gradient], { inputs: { x, filter } }, attributes) => ({
    x: () => {
      const shape = tf.tensor1d(x.shape, "int32");
      return op("Conv2DBackpropInput", [shape, filter, gradient], attributes)[0];
    },
    filter: () => filterGradient(x, filter.shape, gradient, attributes),
  }),
  saves: { inputs: ["x", "filter"], outputs: [] },
});

/**
 * Cross-correlation of images with filters.
 *
 * @param x float32 [N, height, width, in].
 * @param filter float32 [size, size, in, out].
 * @param stride Pixels from one window to the next.
 * @param padding "VALID": windows inside of the image; "SAME": TensorFlow's padding to ceil(height / stride).
 * @returns float32 [N, ..., ..., out]. Differentiable.
 */
export function conv2d(x: Tensor, filter: Tensor, stride: number, padding: "VALID" | "SAME"): Tensor {
  if (stride === 1 && padding === "SAME" && suitsWinograd(x, filter)) return winogradConv(x, filter);
  return directConv(x, filter, stride, padding);
}

/** {@linkcode conv2d} by TensorFlow's own kernel. */
export function directConv(x: Tensor, filter: Tensor, stride: number, padding: "VALID" | "SAME"): Tensor {
  return convOp({ x, filter }, { strides: [1, stride, stride, 1], padding, data_format: "NHWC" })[0];
}
