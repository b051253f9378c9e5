import { type Attributes, defineOp, op, type Tensor, tf } from "../native/mod.ts";
import {
  rematerializable,
  rematerialized,
  rematerializesConvolution,
  takesPixelsAsRows,
  takesPixelsFirst,
} from "../compile/mod.ts";
import { sparsePixels } from "./blocks.ts";
import { type Border, isEmpty, noBorder, shapeWithBorder, windowAttributes, withoutBorder } from "./border.ts";
import { filterGradient } from "./filter_gradient.ts";
import { ints } from "./ints.ts";
import { suitingWinograd, winogradConv } from "./winograd.ts";

const convOp = defineOp({
  name: "Conv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => {
    const { stride, border } = attributes as Windows;
    const y = convolved(x, filter, stride, border);
    // It is recomputed where it is larger than its images. If it is not, they would be kept in its place.
    if (y.size > x.size && rematerializesConvolution(filter, y)) {
      rematerializable(y, [x, filter], ([x, filter]) => convolved(x, filter, stride, border));
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
  if (filter.shape[0] === 1 && stride > 1 && takesPixelsFirst()) {
    return directConv(sparsePixels(x, stride, border), filter, 1, noBorder);
  }
  const same = windowAttributes(filter.shape[0], stride, border).padding === "SAME";
  const results = same ? suitingWinograd(x, filter) : undefined;
  return results === undefined ? directConv(x, filter, stride, border) : winogradConv(x, filter, results);
}

/** {@linkcode conv2d} with TensorFlow's own kernel. */
export function directConv(x: Tensor, filter: Tensor, stride: number, border: Border): Tensor {
  return convOp({ x, filter }, { stride, border })[0];
}

function convolved(x: Tensor, filter: Tensor, stride: number, border: Border): Tensor {
  if (isPointwise(filter, stride, border) && takesPixelsAsRows(x)) {
    return tf.reshape(byMatMul(x, filter), [...x.shape.slice(0, 3), filter.shape[3]!]);
  }
  return op("Conv2D", [x, filter], windowAttributes(filter.shape[0], stride, border))[0];
}

/** A convolution that reads each pixel by itself. */
function isPointwise(filter: Tensor, stride: number, border: Border): boolean {
  return filter.shape[0] === 1 && stride === 1 && isEmpty(border);
}

/** Pixels [N, rows, columns, C] as rows, times a 1x1 filter or its transpose: [N rows columns, ...]. */
function byMatMul(x: Tensor, filter: Tensor, attributes: Attributes = {}): Tensor {
  const [, , inputs, outputs] = filter.shape as number[];
  return op("MatMul", [tf.reshape(x, [-1, x.shape[3]!]), tf.reshape(filter, [inputs, outputs])], attributes)[0];
}

function imageGradient(
  shape: readonly number[],
  filter: Tensor,
  gradient: Tensor,
  stride: number,
  border: Border,
): Tensor {
  if (isPointwise(filter, stride, border) && takesPixelsAsRows(gradient)) {
    return tf.reshape(byMatMul(gradient, filter, { transpose_b: true }), [...shape]);
  }
  const byKernel = (shape: readonly number[], attributes: Attributes) =>
    op("Conv2DBackpropInput", [ints(...shape), filter, gradient], attributes)[0];
  const attributes = windowAttributes(filter.shape[0], stride, border);
  if (attributes.padding !== "EXPLICIT") return byKernel(shape, attributes);
  // oneDNN's kernel does not accept such a border, and TensorFlow's other kernel is up to four times as slow.
  const bordered = shapeWithBorder(shape, border);
  return withoutBorder(byKernel(bordered, windowAttributes(filter.shape[0], stride, noBorder)), border, shape);
}
