import { op, type Tensor, tf } from "../native/mod.ts";

/**
 * A tensor with some of its rows replaced; the others are copied bit for bit. Not differentiable.
 *
 * @param x [M, ...].
 * @param indices Which rows, int32 [N], in [0, M), each at most once.
 * @param rows Their new values, [N, ...], of the dtype of x.
 * @returns [M, ...].
 */
export function scatterRows(x: Tensor, indices: Tensor, rows: Tensor): Tensor {
  return tf.tidy(() => op("TensorScatterUpdate", [x, tf.expandDims(indices, 1), rows])[0]);
}
