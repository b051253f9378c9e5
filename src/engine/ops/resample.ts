/**
 * Resizes one image inside a traced function, where sizes are known only when it runs.
 *
 * @module
 */
import { choose } from "../compile/mod.ts";
import { op, type Tensor, tf, toFloat } from "../native/mod.ts";
import { rounded } from "./decode.ts";
import { element, ints } from "./ints.ts";

/** Where a view lies in a resized part of an image. */
export type Grid = {
  /** The part of the image that is used: top, left, height and width, pixels, int32 [4]. */
  readonly box: Tensor;
  /** The rows and columns to which it is resized, pixels, int32 [2]. */
  readonly size: Tensor;
  /** The row and the column of the resized part at which the view begins, pixels, int32 [2]. */
  readonly offset: Tensor;
};

/**
 * A square view of a resized part of an image: bilinear with half-pixel centres. Where the image shrinks, the triangle
 * widens with the factor so that nothing aliases (as in Pillow's `BILINEAR`).
 *
 * TensorFlow's kernel is several times as fast along one axis whose pixels are long vectors. So the rows are resized
 * first, with a whole row as a pixel, and then the columns, with a whole column as a pixel.
 *
 * Reference: reference/augment/resized_crop.ts
 *
 * @param image uint8 [height, width, 3].
 * @param grid The part, its size after resizing, and the view's place in the resized part.
 * @param side The view's rows and columns, pixels.
 * @param channels 3, or 1 for grey (0.299 R + 0.587 G + 0.114 B).
 * @returns uint8 [side, side, channels].
 */
export function resampled(image: Tensor, grid: Grid, side: number, channels: 1 | 3): Tensor {
  const isResized = op("NotEqual", [grid.size, op("Slice", [grid.box, ints(2), ints(2)])[0]], {})[0]; // bool [2]
  const any = op("Max", [op("Cast", [isResized], { DstT: "int32" })[0], ints(0)], { keep_dims: false })[0];
  const given = ([image, box, size, offset]: Tensor[]) => [image, { box, size, offset }] as const;
  const branches = [cut, resized].map((view) => (inputs: Tensor[]) => [view(...given(inputs), side, channels)]);
  const output = { dtype: "uint8", shape: [side, side, channels] } as const;
  return choose(any, branches, [image, grid.box, grid.size, grid.offset], [output])[0];
}

/** A view of a part that keeps its size. Resizing would give the same pixels, in several times the time. */
function cut(image: Tensor, { box, offset }: Grid, side: number, channels: 1 | 3): Tensor {
  const [top, left] = op("Unpack", [op("AddV2", [op("Slice", [box, ints(0), ints(2)])[0], offset])[0]], {
    num: 2,
    axis: 0,
  });
  return inChannels(op("Slice", [image, packed(top, left, 0), ints(side, side, 3)])[0], channels);
}

/**
 * Squares of images that keep their size: what {@linkcode resampled} gives for each, computed for all at once.
 *
 * @param images uint8 [N, height, width, 3].
 * @param corner Where the square begins, pixels.
 * @param side The square's rows and columns, pixels.
 * @param channels 3, or 1 for grey.
 * @returns uint8 [N, side, side, channels].
 */
export function squares(
  images: Tensor,
  { top, left }: { readonly top: number; readonly left: number },
  side: number,
  channels: 1 | 3,
): Tensor {
  return inChannels(op("Slice", [images, ints(0, top, left, 0), ints(-1, side, side, 3)])[0], channels);
}

/** uint8 [..., 3] to uint8 [..., channels]. */
function inChannels(colours: Tensor, channels: 1 | 3): Tensor {
  if (channels === 3) return colours;
  const weights = tf.tensor1d([0.299, 0.587, 0.114]);
  return rounded(op("Sum", [op("Mul", [toFloat(colours), weights])[0], ints(-1)], { keep_dims: true })[0]);
}

function resized(image: Tensor, { box, size, offset }: Grid, side: number, channels: 1 | 3): Tensor {
  const [top, left, height, width] = op("Unpack", [box], { num: 4, axis: 0 });
  const part = op("Slice", [image, packed(top, left, 0), packed(height, width, 3)])[0];
  const rows = along(
    op("Reshape", [part, packed(1, 1, height, op("Mul", [width, tf.scalar(3, "int32")])[0])])[0],
    { from: height, to: element(size, 0), offset: element(offset, 0), side },
  ); // [1, 1, side, width * 3]
  const turned = transposed(op("Reshape", [rows, ints(side, -1)])[0]); // [width * 3, side]
  const columns = along(
    op("Reshape", [turned, packed(1, 1, width, 3 * side)])[0],
    { from: width, to: element(size, 1), offset: element(offset, 1), side },
  ); // [1, 1, side, 3 * side]: a column of the view, its channels, its rows
  const pixels = channels === 3 ? columns : luminance(op("Reshape", [columns, ints(side, 3, side)])[0]);
  const view = transposed(rounded(op("Reshape", [pixels, ints(side * channels, side)])[0])); // [side, side * channels]
  return op("Reshape", [view, ints(side, side, channels)])[0];
}

type Axis = { readonly from: Tensor; readonly to: Tensor; readonly offset: Tensor; readonly side: number };

/** [1, 1, from, C] to [1, 1, side, C]. */
function along(lines: Tensor, { from, to, offset, side }: Axis): Tensor {
  const one = tf.scalar(1);
  const scale = op("Pack", [[one, op("Div", [toFloat(to), toFloat(from)])[0]]], { N: 2, axis: 0 })[0];
  const shift = op("Pack", [[tf.scalar(0), op("Neg", [toFloat(offset)])[0]]], { N: 2, axis: 0 })[0];
  const attributes = { kernel_type: "triangle", antialias: true };
  return op("ScaleAndTranslate", [lines, ints(1, side), scale, shift], attributes)[0];
}

/**
 * A whole image, resized as {@linkcode resampled} resizes a part, as a JPEG of high quality.
 *
 * @param image uint8 [height, width, 3].
 * @param size The rows and columns to which it is resized, pixels, int32 [2].
 * @param turn As for {@linkcode turned}.
 * @returns The bytes of the file, uint8 [N].
 */
export function shrunkJpeg(image: Tensor, size: Tensor, turn: Tensor): Tensor {
  const from = op("Slice", [op("Shape", [image], { out_type: "int32" })[0], ints(0), ints(2)])[0];
  const scale = op("Div", [toFloat(size), toFloat(from)])[0];
  const batch = op("ExpandDims", [image, tf.scalar(0, "int32")])[0];
  const attributes = { kernel_type: "triangle", antialias: true };
  const [resized] = op("ScaleAndTranslate", [batch, size, scale, tf.tensor1d([0, 0])], attributes);
  const pixels = rounded(op("Reshape", [resized, ints3(size)])[0]);
  const [shown] = turned([op("EnsureShape", [pixels], { shape: [-1, -1, 3] })[0]], turn);
  const [file] = op("EncodeJpeg", [shown], { format: "rgb", quality: 95, chroma_downsampling: false });
  return op("DecodeRaw", [file], { out_type: "uint8" })[0];
}

/** A height and a width with 3 channels, int32 [3]. */
function ints3(size: Tensor): Tensor {
  return op("ConcatV2", [[size, ints(3)], tf.scalar(0, "int32")])[0];
}

/** [columns, 3, rows] to [columns, rows]. */
function luminance(pixels: Tensor): Tensor {
  const weights = tf.tensor3d([0.299, 0.587, 0.114], [1, 3, 1]);
  return op("Sum", [op("Mul", [pixels, weights])[0], ints(1)], { keep_dims: false })[0];
}

/**
 * Turns square images: reverses their rows, reverses their columns, and then exchanges the two, each if asked for.
 *
 * @param images uint8 [side, side, channels] each.
 * @param turn Whether to reverse rows, reverse columns, and exchange them, int32 [3] of 0 and 1.
 */
export function turned(images: readonly Tensor[], turn: Tensor): Tensor[] {
  const any = op("Max", [turn, ints(0)], { keep_dims: false })[0];
  const outputs = images.map(({ shape }) => ({ dtype: "uint8", shape }) as const);
  const asStored = (given: Tensor[]) => given.slice(0, -1);
  const turnedBy = (given: Tensor[]) => given.slice(0, -1).map((image) => turnedImage(image, given.at(-1)!));
  return choose(any, [asStored, turnedBy], [...images, turn], outputs);
}

function turnedImage(image: Tensor, turn: Tensor): Tensor {
  const reversed = op("Cast", [op("Mul", [turn, ints(1, 1, 0)])[0]], { DstT: "bool" })[0];
  const exchange = element(turn, 2);
  const order = packed(exchange, op("Sub", [tf.scalar(1, "int32"), exchange])[0], 2);
  return op("Transpose", [op("Reverse", [image, reversed])[0], order])[0];
}

function transposed(matrix: Tensor): Tensor {
  return op("Transpose", [matrix, ints(1, 0)])[0];
}

function packed(...values: (Tensor | number)[]): Tensor {
  const scalars = values.map((value) => typeof value === "number" ? tf.scalar(value, "int32") : value);
  return op("Pack", [scalars], { N: scalars.length, axis: 0 })[0];
}
