import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { rematerializable, rematerialized, rematerializesActivation } from "../compile/mod.ts";
import { toRows } from "./rows.ts";

const batchNormOp = defineOp({
  name: "FusedBatchNormV3",
  inputs: ["x", "scale", "offset", "mean", "variance"],
  forward: ({ x, scale, offset, mean, variance }, { epsilon, momentum }) => {
    const attributes = { U: "float32", epsilon, data_format: "NHWC" };
    const [rows, ...statistics] = op("FusedBatchNormV3", [toRows(x), scale, offset, mean, variance], {
      ...attributes,
      exponential_avg_factor: momentum,
      is_training: true,
    });
    if (rematerializesActivation(x)) {
      // Uses the batch's own statistics, which are kept for the gradient.
      rematerializable(rows, [x, scale, offset, statistics[2], statistics[3]], ([x, ...from]) => {
        const [rows] = op("FusedBatchNormV3", [toRows(x), ...from], { ...attributes, is_training: false });
        return rows;
      });
    }
    return [tf.reshape(rows, x.shape), ...statistics];
  },
  gradient: ([gradient], { inputs: { x, scale }, outputs }, { epsilon }) => {
    const [dx, dScale, dOffset] = tf.tidy(() => {
      const [rows, ...others] = op(
        "FusedBatchNormGradV3",
        [
          toRows(gradient),
          toRows(rematerialized(x, [gradient])),
          scale,
          outputs[3],
          outputs[4],
          outputs[5],
        ],
        { U: "float32", epsilon, data_format: "NHWC", is_training: true },
      );
      return [tf.reshape(rows, x.shape), ...others.slice(0, 2)];
    });
    // y does not depend on the running statistics. They are on the tape when one forward pass hands them to the next.
    const none = () => op("ZerosLike", [scale])[0];
    return { x: () => dx, scale: () => dScale, offset: () => dOffset, mean: none, variance: none };
  },
  saves: { inputs: ["x", "scale"], outputs: [3, 4, 5] },
});

/** The results of normalisation by the batch. */
export type Normalized = { readonly y: Tensor; readonly mean: Tensor; readonly variance: Tensor };

/**
 * Normalises each channel by its mean and biased variance over the batch, and moves the running statistics:
 *
 *     running <- (1 - momentum) running + momentum batch
 *
 * with the unbiased variance, as PyTorch does.
 *
 * @param x float32 [..., C].
 * @param scale float32 [C].
 * @param offset float32 [C].
 * @param mean The running mean, float32 [C].
 * @param variance The running variance, float32 [C].
 * @param constants What is added to a variance before its root is taken, and how far the running statistics move.
 * @returns y, shaped as x, and the next running statistics. Differentiable with respect to x, scale and offset through
 *   y.
 */
export function batchNormTraining(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  mean: Tensor,
  variance: Tensor,
  constants: { readonly epsilon: number; readonly momentum: number },
): Normalized {
  const [y, nextMean, nextVariance] = batchNormOp({ x, scale, offset, mean, variance }, constants);
  return { y, mean: nextMean, variance: nextVariance };
}

/**
 * Normalises each channel by given statistics.
 *
 * @param x float32 [..., C].
 * @param scale float32 [C].
 * @param offset float32 [C].
 * @param mean float32 [C].
 * @param variance float32 [C].
 * @param epsilon Added to a variance before its root is taken.
 * @returns float32 as x. Differentiable.
 */
export function batchNormInference(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor {
  const [m, v, o, s] = [mean, variance, offset, scale] as tf.Tensor1D[];
  return tf.reshape(tf.batchNorm(toRows(x) as tf.Tensor4D, m, v, o, s, epsilon), x.shape);
}
