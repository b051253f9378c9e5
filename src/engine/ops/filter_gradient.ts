/**
 * The gradient of a convolution with respect to its filter, computed in the way that is fastest for the shapes at hand.
 *
 * @module
 */
import { op, type Tensor, tf } from "../native/mod.ts";
import { takesFilterGradientsAsProducts, takesFilterGradientsWithBorder } from "../compile/mod.ts";
import { type Border, noBorder, windowAttributes, withBorder } from "./border.ts";
import { ints } from "./ints.ts";

/**
 * How the loss changes with the filter of a convolution.
 *
 * @param x The images, float32 [N, height, width, in].
 * @param filterShape [size, size, in, out].
 * @param gradient How the loss changes with the convolution's result, float32 [N, rows, columns, out].
 * @param stride Pixels from one window to the next.
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
  // oneDNN's gradient of a strided 1x1 filter with fewer than 8 input channels gives wrong, changing numbers. Only
  // every stride-th pixel of the images counts, so those pixels are taken out first. With more channels this is slower.
  const sparse = size === 1 && stride !== 1 && inputs < 8;
  const seen = sparse ? tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]) : x;
  return op(
    "Conv2DBackpropFilter",
    [seen, ints(...filterShape), gradient],
    windowAttributes(size, sparse ? 1 : stride, border),
  )[0];
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
  const [n, rows, columns] = gradient.shape as number[];
  const changes = tf.reshape(gradient, [-1, outputs]); // [N rows columns, out]
  const blocks = inBlocks(x, size, stride, border, [rows, columns]);
  const places = Array.from({ length: size * size }, (_, place) => [Math.floor(place / size), place % size]);
  const products = places.map(([y, x]) => {
    const first = [0, Math.floor(y / stride), y % stride, Math.floor(x / stride), x % stride, 0];
    const pixels = tf.slice(blocks, first, [n, rows, 1, columns, 1, inputs]);
    return op("MatMul", [tf.reshape(pixels, [-1, inputs]), changes], { transpose_a: true })[0]; // [in, out]
  });
  return tf.reshape(products.length === 1 ? products[0] : tf.concat(products, 0), [...filterShape]);
}

/**
 * Images with their border, cut into blocks of stride x stride pixels: [N, ..., stride, ..., stride, in]. What stands at
 * one place of all windows is a slice of it without gaps, which TensorFlow copies fast.
 */
function inBlocks(x: Tensor, size: number, stride: number, { before }: Border, windows: readonly number[]): Tensor {
  const [images, height, width, channels] = x.shape as number[];
  // As many blocks as the images have, or the last window reaches.
  const [down, across] = [height, width].map((pixels, axis) =>
    Math.max(Math.ceil((before + pixels) / stride), windows[axis] + Math.floor((size - 1) / stride))
  );
  const after = [stride * down - before - height, stride * across - before - width] as const;
  return tf.reshape(withBorder(x, { before, after }), [images, down, stride, across, stride, channels]);
}
