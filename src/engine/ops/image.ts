/**
 * TensorFlow's image ops: pixels to a file, rows of one batch or another, and the batched matrix product that resamples
 * each image of a batch with a matrix of its own.
 *
 * @module
 */
import { backend, op, readTensorStrings, type Tensor } from "../native/mod.ts";

/**
 * A PNG file.
 *
 * @param pixels uint8 [height, width, channels], with 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels.
 * @throws {EngineError} if it has another shape or dtype.
 */
export function encodePng(pixels: Tensor): Uint8Array {
  const [contents] = op("EncodePng", [pixels], { compression: -1 });
  try {
    return readTensorStrings(backend().getInputTensorIds([contents])[0])[0];
  } finally {
    contents.dispose();
  }
}

/**
 * Matrix products over the last two axes; the axes before them broadcast. Not differentiable: images are data.
 *
 * @param a float32 [..., M, K].
 * @param b float32 [..., K, P], or [..., P, K] where `transposeB`.
 * @returns float32 [..., M, P].
 */
export function batchMatMul(a: Tensor, b: Tensor, transposeB: boolean = false): Tensor {
  return op("BatchMatMulV2", [a, b], { adj_x: false, adj_y: transposeB })[0];
}

/**
 * Rows of `a` where the condition holds, rows of `b` elsewhere; the condition is one per row and does not broadcast
 * over pixels.
 *
 * @param condition bool [N].
 * @param a [N, ...].
 * @param b [N, ...], of the shape and dtype of `a`.
 */
export function selectRows(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return op("Select", [condition, a, b])[0];
}
