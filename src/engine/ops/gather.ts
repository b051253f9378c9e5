import { type Tensor, tf } from "../backend.ts";
import { op } from "../op.ts";

/**
 * Rows of a tensor by index. tfjs's own kernel reads the indices to check them, which a trace cannot and which costs
 * a copy; TensorFlow checks them itself. Not differentiable.
 *
 * @param x [N, ...].
 * @param indices int32 of any shape, in [0, N).
 * @returns [...indices.shape, ...].
 */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  return tf.tidy(() => op("GatherV2", [x, indices, tf.scalar(0, "int32")], { batch_dims: 0 })[0]);
}
