import { type Attributes, op, type Tensor, tf } from "../native/mod.ts";

/** What is added around images, pixels: above and to the left; below and to the right. */
export type Border = { readonly before: number; readonly after: readonly [height: number, width: number] };

/** No border. */
export const noBorder: Border = { before: 0, after: [0, 0] };

/** Whether anything is added. */
export function isEmpty({ before, after }: Border): boolean {
  return before + after[0] + after[1] === 0;
}

/** What is added before and after each axis of images [N, height, width, C]. */
export function amountsOf({ before, after }: Border): [number, number][] {
  return [[0, 0], [before, after[0]], [before, after[1]], [0, 0]];
}

/** Images [N, height, width, C] with their border, which holds zeros. */
export function withBorder(x: Tensor, border: Border): Tensor {
  return isEmpty(border) ? x : op("Pad", [x, tf.tensor2d(amountsOf(border), [4, 2], "int32")])[0];
}

/** The shape of {@linkcode withBorder}. */
export function shapeWithBorder([images, height, width, channels]: readonly number[], { before, after }: Border) {
  return [images, before + height + after[0], before + width + after[1], channels];
}

/** Images without their border: those of `shape`. */
export function withoutBorder(x: Tensor, { before }: Border, shape: readonly number[]): Tensor {
  return tf.slice(x, [0, before, before, 0], [...shape]);
}

/** Attributes for TensorFlow's kernels that move windows over images with a border without copying the images. */
export function windowAttributes(size: number, stride: number, border: Border): Attributes {
  const { before, after } = border;
  const same = stride === 1 && [before, ...after].every((pixels) => 2 * pixels + 1 === size);
  const padding = same ? { padding: "SAME" } : borderAttributes(border); // oneDNN's gradients take the first alone
  return { strides: [1, stride, stride, 1], ...padding, data_format: "NHWC" };
}

/** Attributes of a border alone. */
function borderAttributes(border: Border): Attributes {
  if (isEmpty(border)) return { padding: "VALID" };
  return { padding: "EXPLICIT", explicit_paddings: amountsOf(border).flat() };
}
