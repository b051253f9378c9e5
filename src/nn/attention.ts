import { recompute } from "../core/recompute.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { softmax } from "../engine/ops/softmax.ts";
import { activation } from "./activation.ts";
import { dense } from "./dense.ts";
import { sequential } from "./sequential.ts";
import type { Layer } from "./types.ts";

/** What an attention layer is made by. */
export type AttentionOptions = {
  /** The channels D of a token. */
  readonly dimension: number;
  /** The number of heads H, each of which sees D / H channels. */
  readonly heads: number;
};

/**
 * Multi-head self-attention: every token is replaced by a mean of all tokens' values, weighted by how well its query
 * meets their keys. For each head, of d = D / H channels:
 *
 *     softmax(Q K^T / sqrt(d)) V
 *
 * and a linear layer mixes the heads.
 *
 * Parameters: `qkv.weight` [D, 3D], the columns of q, k and v in this order, head by head, each of the three drawn by
 * Xavier's bound for [D, D]; `qkv.bias`; `proj.weight` [D, D], `proj.bias`. Biases start at zero.
 *
 * Source: arXiv:1706.03762, eq. 1. Reference: reference/attention.ts
 *
 * @param options Channels and heads.
 * @returns Tokens [N, T, D] to [N, T, D].
 * @throws {RangeError} if the heads do not divide the channels.
 */
export function attention({ dimension, heads }: AttentionOptions): Layer {
  if (dimension % heads !== 0) {
    throw new RangeError(`Cannot make attention: expected channels that ${heads} heads divide, found ${dimension}`);
  }
  return sequential({
    qkv: dense({ features: 3 * dimension, initialization: "xavier", parts: 3 }),
    // The scores of all pairs of tokens are larger than all else: they are not kept, but computed again.
    attend: activation(
      (x) => recompute(({ x }: { x: Tensor }) => ({ y: attend(x, heads) }))({ x }).y,
      ([tokens]) => [tokens, dimension],
    ),
    proj: dense({ features: dimension, initialization: "xavier" }),
  });
}

/** Queries, keys and values side by side to what each head sees, side by side: [N, T, 3D] to [N, T, D]. */
function attend(projected: Tensor, heads: number): Tensor {
  const [n, tokens, width] = projected.shape as [number, number, number];
  const channels = width / 3 / heads;
  const qkv = tf.reshape(projected, [n, tokens, 3, heads, channels]); // [N, T, 3, H, d]
  const [q, k, v] = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4])); // 3 x [N, H, T, d]
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(channels)); // [N, H, T, T]
  const seen = tf.matMul(softmax(scores), v); // [N, H, T, d]
  return tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [n, tokens, heads * channels]); // [N, T, D]
}
