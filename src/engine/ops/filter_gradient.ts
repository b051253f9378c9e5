/**
 * The gradient of a convolution with respect to its filter, computed in the way that is fastest for the shapes at hand.
 *
 * @module
 */
import { op, type Tensor, tf } from "../native/mod.ts";
import {
  takesFilterGradientsAsConvolutions,
  takesFilterGradientsAsProduct,
  takesFilterGradientsWithBorder,
} from "../compile/mod.ts";
import { type Border, borderAttributes, isEmpty, noBorder, windowAttributes, withBorder } from "./border.ts";
import { ints } from "./ints.ts";
import { transpose } from "./transpose.ts";

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
  if (size === 1 && stride === 1 && isEmpty(border) && takesFilterGradientsAsProduct(gradient)) {
    return byProduct(x, filterShape, gradient);
  }
  const parts = partsOf(gradient, size);
  if (parts !== undefined) return byConvolution(x, size, gradient, stride, border, parts);
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

/** The gradient of a 1x1 filter: one matrix product, which sums over all pixels of the batch. */
function byProduct(x: Tensor, filterShape: readonly number[], gradient: Tensor): Tensor {
  const [, , inputs, outputs] = filterShape;
  const [pixels, changes] = [tf.reshape(x, [-1, inputs]), tf.reshape(gradient, [-1, outputs])];
  return tf.reshape(op("MatMul", [pixels, changes], { transpose_a: true })[0], [...filterShape]);
}

/**
 * Whether TensorFlow's own kernel is faster than oneDNN's. It handles the border without copying the images. Measured
 * on AVX2, it is faster above a certain number of channels.
 */
function suitsBorder(inputs: number): boolean {
  return inputs >= 32 && takesFilterGradientsWithBorder();
}

// Where a convolution computes the gradient faster than oneDNN's own kernel for it, as measured on AVX2.
const [leastOutputs, mostPixels, leastImages, largestPart] = [256, 64, 16, 4 * 2 ** 20];

/** The number of parts into which {@linkcode byConvolution} cuts a batch; undefined where another way is faster. */
function partsOf(gradient: Tensor, size: number): number | undefined {
  const [images, rows, columns, outputs] = gradient.shape as number[];
  const deep = size > 1 && outputs >= leastOutputs && rows * columns <= mostPixels;
  if (!deep || !takesFilterGradientsAsConvolutions()) return undefined;
  for (let parts = 1; images / parts >= leastImages; parts++) {
    if (images % parts === 0 && 4 * gradient.size / parts <= largestPart) return parts;
  }
}

/**
 * The gradient as a convolution with the roles of the axes exchanged. The images' channels become the batch, the batch
 * becomes the channels, and the gradient becomes a filter as large as the image.
 *
 *     dW[y, x, i, o] = sum_{n, r, c} images[n, stride r + y, stride c + x, i] gradient[n, r, c, o]
 *
 * oneDNN's kernel for a filter's gradient is half as fast as its convolution. This one keeps the convolution's speed as
 * long as the gradient stays in the cache, so the batch is cut into parts.
 */
function byConvolution(
  x: Tensor,
  size: number,
  gradient: Tensor,
  stride: number,
  border: Border,
  parts: number,
): Tensor {
  const attributes = {
    strides: [1, 1, 1, 1],
    dilations: [1, stride, stride, 1],
    ...borderAttributes(border),
    data_format: "NHWC",
  };
  const gradients = tf.split(gradient, parts);
  const sums = tf.split(x, parts).map((images, part) =>
    op("Conv2D", [transpose(images, [3, 1, 2, 0]), transpose(gradients[part], [1, 2, 0, 3])], attributes)[0]
  ); // [in, >= size, >= size, out] each
  // The sum is larger than the filter where no window reached some rows and columns of the images.
  return transpose(tf.slice(tf.addN(sums), 0, [-1, size, size, -1]), [1, 2, 0, 3]);
}
