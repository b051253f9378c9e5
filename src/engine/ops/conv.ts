import { type Attributes, defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { rematerialized } from "../compile/mod.ts";
import { type Border, noBorder, shapeWithBorder, windowAttributes, withoutBorder } from "./border.ts";
import { filterGradient } from "./filter_gradient.ts";
import { suitsWinograd, winogradConv } from "./winograd.ts";

const convOp = defineOp({
  name: "Conv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => {
    const { stride, border } = attributes as Windows;
    return op("Conv2D", [x, filter], windowAttributes(filter.shape[0], stride, border));
  },
  gradient: ([gradient], { inputs: { x, filter } }, attributes) => {
    const { stride, border } = attributes as Windows;
    return {
      x: () => imageGradient(x.shape, filter, gradient, stride, border),
      filter: () => filterGradient(rematerialized(x, [gradient]), filter.shape, gradient, stride, border),
    };
  },
  saves: { inputs: ["x", "filter"], outputs: [] },
});

type Windows = { readonly stride: number; readonly border: Border };

/**
 * Cross-correlation of images with filters.
 *
 * @param x float32 [N, height, width, in].
 * @param filter float32 [size, size, in, out].
 * @param stride Pixels from one window to the next.
 * @param border Zeros around the images.
 * @returns float32 [N, ..., ..., out]. Differentiable.
 */
export function conv2d(x: Tensor, filter: Tensor, stride: number, border: Border): Tensor {
  const same = windowAttributes(filter.shape[0], stride, border).padding === "SAME";
  return same && suitsWinograd(x, filter) ? winogradConv(x, filter) : directConv(x, filter, stride, border);
}

/** {@linkcode conv2d} with TensorFlow's own kernel. */
export function directConv(x: Tensor, filter: Tensor, stride: number, border: Border): Tensor {
  return convOp({ x, filter }, { stride, border })[0];
}

function imageGradient(
  shape: readonly number[],
  filter: Tensor,
  gradient: Tensor,
  stride: number,
  border: Border,
): Tensor {
  const byKernel = (shape: readonly number[], attributes: Attributes) =>
    op("Conv2DBackpropInput", [tf.tensor1d([...shape], "int32"), filter, gradient], attributes)[0];
  const attributes = windowAttributes(filter.shape[0], stride, border);
  if (attributes.padding !== "EXPLICIT") return byKernel(shape, attributes);
  // oneDNN's kernel does not accept such a border, and TensorFlow's other kernel is up to four times as slow.
  const bordered = shapeWithBorder(shape, border);
  return withoutBorder(byKernel(bordered, windowAttributes(filter.shape[0], stride, noBorder)), border, shape);
}
