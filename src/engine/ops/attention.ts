import { withControlDependencies } from "../compile/mod.ts";
import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { transpose } from "./transpose.ts";

// The weights of all pairs of tokens are the largest tensor, so they are not kept but computed again from q and k. The
// gradient of a softmax subtracts from each row its mean weighted by the weights. That mean is sum(dy y), which needs
// no weights.
const attentionOp = defineOp({
  name: "Attention",
  inputs: ["q", "k", "v"],
  forward: ({ q, k, v }) => [
    heads(op("BatchMatMulV2", [weightsOf(scaled(q), k), v])[0]), // [N, S, H, d]
  ],
  gradient: ([gradient], { inputs, outputs: { 0: y } }) => {
    const [dq, dk, dv] = tf.tidy(() => {
      const [q, k] = withControlDependencies([inputs.q, inputs.k], [gradient]);
      const query = scaled(q); // [N, H, S, d]
      const weights = weightsOf(query, k); // [N, H, S, T]
      const dy = heads(gradient); // [N, H, S, d]
      const [product] = op("Mul", [gradient, y]); // [N, S, H, d]
      const [mean] = op("Sum", [product, tf.scalar(3, "int32")], { keep_dims: true }); // [N, S, H, 1]
      const [dWeights] = op("BatchMatMulV2", [dy, inputs.v], { adj_y: true }); // [N, H, S, T]
      const [dScores] = op("Mul", [op("Sub", [dWeights, heads(mean)])[0], weights]); // [N, H, S, T]
      return [
        scaled(op("BatchMatMulV2", [dScores, k])[0]),
        op("BatchMatMulV2", [dScores, query], { adj_x: true })[0],
        op("BatchMatMulV2", [weights, dy], { adj_x: true })[0],
      ];
    });
    return { q: () => dq, k: () => dk, v: () => dv };
  },
  saves: { inputs: ["q", "k", "v"], outputs: [0] },
});

/** Scales by 1 / sqrt(d), on the smaller side of the product. */
function scaled(q: Tensor): Tensor {
  return op("Mul", [q, tf.scalar(1 / Math.sqrt(q.shape[3]!))])[0];
}

function weightsOf(query: Tensor, k: Tensor): Tensor {
  return op("Softmax", op("BatchMatMulV2", [query, k], { adj_y: true }))[0]; // [N, H, S, T]
}

/** Swaps the axes of heads and tokens. */
function heads(x: Tensor): Tensor {
  return transpose(x, [0, 2, 1, 3]);
}

/**
 * Scaled dot-product attention, head by head: softmax(q k^T / sqrt(d)) v.
 *
 * Source: arXiv:1706.03762, eq. 1; its gradient: arXiv:2205.14135, appendix B.2.
 *
 * @param q Queries, float32 [N, H, S, d].
 * @param k Keys, float32 [N, H, T, d].
 * @param v Values, float32 [N, H, T, d].
 * @returns What each query sees, the heads side by side: float32 [N, S, H, d]. Differentiable.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor): Tensor {
  return attentionOp({ q, k, v })[0];
}
