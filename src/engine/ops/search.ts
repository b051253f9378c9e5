import { op, type Tensor, tf } from "../native/mod.ts";

/**
 * For each value, how many of some sorted numbers are at most that value. Not differentiable.
 *
 * @param sorted Ascending, int32 or float32 [N].
 * @param values Of the same dtype, [K].
 * @returns int32 [K].
 */
export function countAtMost(sorted: Tensor, values: Tensor): Tensor {
  return tf.tidy(() => {
    const [counts] = op("UpperBound", [tf.expandDims(sorted, 0), tf.expandDims(values, 0)]); // [1, K]
    return tf.squeeze(counts, [0]);
  });
}
