import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";

const convOp = defineOp({
  name: "Conv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => op("Conv2D", [x, filter], attributes),
  gradient: ([gradient], { inputs: { x, filter } }, attributes) => ({
    x: () => {
      const shape = tf.tensor1d(x.shape, "int32");
      return op("Conv2DBackpropInput", [shape, filter, gradient], attributes)[0];
    },
    filter: () => {
      const shape = tf.tensor1d(filter.shape, "int32");
      const [, stride] = attributes.strides as readonly number[];
      if (filter.shape[0] !== 1 || stride === 1 || filter.shape[2]! >= 8) {
        return op("Conv2DBackpropFilter", [x, shape, gradient], attributes)[0];
      }
      // oneDNN's gradient of a strided 1x1 filter with fewer than 8 input channels gives wrong, changing numbers. Of the
      // images only every stride-th pixel counts, so those are taken out first; with more channels this is slower.
      const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]);
      return op("Conv2DBackpropFilter", [seen, shape, gradient], { ...attributes, strides: [1, 1, 1, 1] })[0];
    },
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
  return convOp({ x, filter }, { strides: [1, stride, stride, 1], padding, data_format: "NHWC" })[0];
}
