import { op, type Tensor, tf } from "../native/mod.ts";

/**
 * A tensor with some of its rows replaced; the others are copied bit for bit. Not differentiable.
 *
 * @param x [M, ...].
 * @param indices Which rows, int32 [N], each at most once; what is not in [0, M) stands for none.
 * @param rows Their new values, [N, ...], of the dtype of x.
 * @returns [M, ...].
 */
export function scatterRows(x: Tensor, indices: Tensor, rows: Tensor): Tensor {
  return tf.tidy(() =>
    op("TensorScatterUpdate", [x, tf.expandDims(indices, 1), rows], { bad_indices_policy: "IGNORE" })[0]
  );
}
