import { type Attributes, defineOp, op, type Tensor } from "../native/mod.ts";
import { rematerializable, rematerialized, rematerializesActivation } from "../compile/mod.ts";
import { type Border, noBorder, shapeWithBorder, windowAttributes, withoutBorder } from "./border.ts";
import { filterGradient } from "./filter_gradient.ts";
import { ints } from "./ints.ts";
import { suitingWinograd, winogradConv } from "./winograd.ts";

/**
 * A result that is larger than its images is recomputed from them for the gradient, where this takes no longer than
 * another layer's pass over it: if each of its numbers is the sum of few products.
 */
const mostProducts = 64;

const convOp = defineOp({
  name: "Conv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => {
    const { stride, border } = attributes as Windows;
    const conv = ([x, filter]: readonly Tensor[]) =>
      op("Conv2D", [x, filter], windowAttributes(filter.shape[0], stride, border));
    const [y] = conv([x, filter]);
    if (filter.size / y.shape[3]! <= mostProducts && y.size > x.size && rematerializesActivation(y)) {
      rematerializable(y, [x, filter], (from) => conv(from)[0]);
    }
    return [y];
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
  const results = same ? suitingWinograd(x, filter) : undefined;
  return results === undefined ? directConv(x, filter, stride, border) : winogradConv(x, filter, results);
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
    op("Conv2DBackpropInput", [ints(...shape), filter, gradient], attributes)[0];
  const attributes = windowAttributes(filter.shape[0], stride, border);
  if (attributes.padding !== "EXPLICIT") return byKernel(shape, attributes);
  // oneDNN's kernel does not accept such a border, and TensorFlow's other kernel is up to four times as slow.
  const bordered = shapeWithBorder(shape, border);
  return withoutBorder(byKernel(bordered, windowAttributes(filter.shape[0], stride, noBorder)), border, shape);
}
