import { normalizesRows } from "../compile/mod.ts";
import { type Tensor, tf } from "../native/mod.ts";

/**
 * The same tensor as images of one pixel each, [rows, 1, 1, C], where that is faster. It is valid for ops that treat
 * all rows alike. oneDNN's batch norm goes through images channel by channel, and takes up to three times as long over
 * larger images with many channels.
 *
 * @param x float32 [..., C]. Differentiable.
 */
export function toRows(x: Tensor): Tensor {
  return x.rank === 4 && !normalizesRows() ? x : tf.reshape(x, [-1, 1, 1, x.shape[x.rank - 1]!]);
}
