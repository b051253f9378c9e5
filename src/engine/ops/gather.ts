import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const gatherOp = defineOp({
  name: "GatherV2",
  inputs: ["x", "indices"],
  forward: ({ x, indices }) => op("GatherV2", [x, indices, tf.scalar(0, "int32")], { batch_dims: 0 }),
  gradient: ([gradient], { inputs: { indices } }, { rows }) => ({
    // A row that was taken twice gets the sum; a row that was not taken gets zero.
    x: () => op("UnsortedSegmentSum", [gradient, indices, tf.scalar(rows as number, "int32")])[0],
  }),
  saves: { inputs: ["indices"], outputs: [] },
});

/**
 * Rows of a tensor by index. tfjs's own kernel reads the indices to check them, which costs a copy and is impossible in
 * a trace. TensorFlow checks them itself.
 *
 * @param x [N, ...].
 * @param indices int32 of any shape, in [0, N).
 * @returns [...indices.shape, ...]. Differentiable with respect to x.
 */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  return gatherOp({ x, indices }, { rows: x.shape[0] })[0];
}

/**
 * Entries of each row, by that row's own indices.
 *
 * @param x [N, M, ...].
 * @param indices int32 [N, k], in [0, M).
 * @returns [N, k, ...]. Not differentiable.
 */
export function gatherInRows(x: Tensor, indices: Tensor): Tensor {
  return tf.tidy(() => op("GatherV2", [x, indices, tf.scalar(1, "int32")], { batch_dims: 1 })[0]);
}
