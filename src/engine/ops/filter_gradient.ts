/**
 * The gradient of a convolution with respect to its filter, computed in the way that is fastest for the shapes at hand.
 *
 * @module
 */
import { op, type Tensor, tf } from "../native/mod.ts";
import { takesFilterGradientsAsProducts, takesFilterGradientsWithBorder } from "../compile/mod.ts";
import { inBlocks, pixelsAt } from "./blocks.ts";
import { type Border, noBorder, windowAttributes, withBorder } from "./border.ts";
import { ints } from "./ints.ts";

/**
 * How the loss changes with the filter of a convolution.
 *
 * @param x The images, float32 [N, height, width, in].
 * @param filterShape [size, size, in, out].
 * @param gradient How the loss changes with the convolution's result, float32 [N, rows, columns, out].
 * @param stride Pixels from one window to the next. Of a 1x1 filter it is 1 on processors: with strides and fewer than 8
 *   channels, oneDNN's kernel gives wrong numbers.
 * @param border Zeros around the images.
 */
export function filterGradient(
  x: Tensor,
  filterShape: readonly number[],
  gradient: Tensor,
  stride: number,
  border: Border,
): Tensor {
  const [size, , inputs] = filterShape;
  if (takesFilterGradientsAsProducts(filterShape, stride, gradient)) {
    return byProducts(x, filterShape, gradient, stride, border);
  }
  if (windowAttributes(size, stride, border).padding === "EXPLICIT" && !suitsBorder(inputs)) {
    return filterGradient(withBorder(x, border), filterShape, gradient, stride, noBorder);
  }
  return op("Conv2DBackpropFilter", [x, ints(...filterShape), gradient], windowAttributes(size, stride, border))[0];
}

/**
 * Whether TensorFlow's own kernel is faster than oneDNN's. It handles the border without copying the images. Measured
 * on AVX2, it is faster above a certain number of channels.
 */
function suitsBorder(inputs: number): boolean {
  return inputs >= 32 && takesFilterGradientsWithBorder();
}

/**
 * The gradient as matrix products, one for each place (y, x) of the filter. Each sums over all windows of the batch:
 *
 *     dW[y, x, i, o] = sum_{n, r, c} images[n, stride r + y, stride c + x, i] gradient[n, r, c, o]
 */
function byProducts(
  x: Tensor,
  filterShape: readonly number[],
  gradient: Tensor,
  stride: number,
  border: Border,
): Tensor {
  const [size, , inputs, outputs] = filterShape;
  const [, rows, columns] = gradient.shape as number[];
  const changes = tf.reshape(gradient, [-1, outputs]); // [N rows columns, out]
  const blocks = inBlocks(x, size, stride, border, [rows, columns]);
  const places = Array.from({ length: size * size }, (_, place) => [Math.floor(place / size), place % size] as const);
  const products = places.map((place) => {
    const pixels = tf.reshape(pixelsAt(place, blocks, [rows, columns]), [-1, inputs]);
    return op("MatMul", [pixels, changes], { transpose_a: true })[0]; // [in, out]
  });
  return tf.reshape(products.length === 1 ? products[0] : tf.concat(products, 0), [...filterShape]);
}
