/**
 * Images as blocks of stride x stride pixels. What stands at one place of all windows of a convolution is then a slice
 * without gaps, which TensorFlow copies fast. A slice with strides would take longer than the products that follow.
 *
 * @module
 */
import { defineOp, type Tensor, tf } from "../native/mod.ts";
import { type Border, shapeWithBorder, withBorder, withoutBorder } from "./border.ts";

/**
 * Images with their border, cut into blocks.
 *
 * @param x The images, [N, height, width, C].
 * @param size Height and width of a window, pixels.
 * @param stride Pixels from one window to the next.
 * @param border Zeros around the images.
 * @param windows How many windows there are along each axis.
 * @returns [N, ..., stride, ..., stride, C].
 */
export function inBlocks(
  x: Tensor,
  size: number,
  stride: number,
  { before }: Border,
  windows: readonly [rows: number, columns: number],
): Tensor {
  const [images, height, width, channels] = x.shape as number[];
  // As many blocks as the images have, or the last window reaches.
  const [down, across] = [height, width].map((pixels, axis) =>
    Math.max(Math.ceil((before + pixels) / stride), windows[axis] + Math.floor((size - 1) / stride))
  );
  const after = [stride * down - before - height, stride * across - before - width] as const;
  return tf.reshape(withBorder(x, { before, after }), [images, down, stride, across, stride, channels]);
}

/** What stands at a place of all windows, if they are cut into blocks: [N, rows, columns, C]. */
export function pixelsAt(
  [y, x]: readonly [y: number, x: number],
  blocks: Tensor,
  [rows, columns]: readonly [rows: number, columns: number],
): Tensor {
  const [images, , stride, , , channels] = blocks.shape as number[];
  const first = [0, Math.floor(y / stride), y % stride, Math.floor(x / stride), x % stride, 0];
  const pixels = tf.slice(blocks, first, [images, rows, 1, columns, 1, channels]);
  return tf.reshape(pixels, [images, rows, columns, channels]);
}

const sparseOp = defineOp({
  name: "SparsePixels",
  inputs: ["x"],
  forward: ({ x }, attributes) => {
    const { stride, border } = attributes as Reading;
    const [, height, width] = shapeWithBorder(x.shape, border);
    const [rows, columns] = [height, width].map((pixels) => Math.ceil(pixels / stride));
    return [pixelsAt([0, 0], inBlocks(x, 1, stride, border, [rows, columns]), [rows, columns])];
  },
  gradient: ([gradient], _, attributes) => ({
    x: () => {
      const { stride, border, shape } = attributes as Reading & { readonly shape: readonly number[] };
      const [images, rows, columns, channels] = gradient.shape as number[];
      const others: [number, number] = [0, stride - 1];
      const places = tf.reshape(gradient, [images, rows, 1, columns, 1, channels]);
      const blocks = tf.pad(places, [[0, 0], [0, 0], others, [0, 0], others, [0, 0]]);
      return withoutBorder(tf.reshape(blocks, [images, rows * stride, columns * stride, channels]), border, shape);
    },
  }),
  saves: { inputs: [], outputs: [] },
});

type Reading = { readonly stride: number; readonly border: Border };

/**
 * The pixels that a strided 1x1 convolution reads: of images with a border, every stride-th along both axes.
 *
 * @param x float32 [N, height, width, C].
 * @param stride Pixels from one to the next.
 * @param border Zeros around the images.
 * @returns float32 [N, rows, columns, C]. Differentiable.
 */
export function sparsePixels(x: Tensor, stride: number, border: Border): Tensor {
  return sparseOp({ x }, { stride, border, shape: x.shape })[0];
}
