import { type Tensor, tf } from "../engine/mod.ts";
import { softmax } from "../engine/ops/softmax.ts";
import { split } from "../core/random.ts";
import { dense } from "./dense.ts";
import { LayerError, shapeText, within } from "./layer_error.ts";
import type { Layer } from "./types.ts";
import { valuesOf } from "./values.ts";

/** What an attention layer is made by. */
export type AttentionOptions = {
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
 * @param options The number of heads.
 * @returns Tokens [N, T, D] to [N, T, D].
 */
export function attention({ heads }: AttentionOptions): Layer {
  const layers = (dimension: number) => ({
    qkv: dense({ features: 3 * dimension, initialization: "xavier", parts: 3 }),
    proj: dense({ features: dimension, initialization: "xavier" }),
  });
  return {
    init: (key, input) => {
      const [tokens, dimension] = input;
      if (input.length !== 2 || dimension % heads !== 0) throw misfit("initialize", heads, input);
      const { qkv, proj } = layers(dimension);
      const [qkvKey, projKey] = split(key);
      const params = {
        qkv: qkv.init(qkvKey, [tokens, dimension]).network.params,
        proj: proj.init(projKey, [tokens, dimension]).network.params,
      };
      return { network: { params, stats: {} }, output: input };
    },
    apply: ({ params }, x, mode) => {
      const [n, tokens, dimension] = x.shape;
      if (x.rank !== 3 || dimension! % heads !== 0) throw misfit("apply", heads, x.shape.slice(1));
      const channels = dimension! / heads;
      const layer = layers(dimension!);
      const linear = (name: "qkv" | "proj", x: Tensor) =>
        within(name, () => layer[name].apply({ params: valuesOf(params, name), stats: {} }, x, mode).output);

      const qkv = tf.reshape(linear("qkv", x), [n, tokens, 3, heads, channels]); // [N, T, 3, H, d]
      const [q, k, v] = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4])); // 3 x [N, H, T, d]
      const weights = softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(channels))); // [N, H, T, T]
      const seen = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]); // [N, T, H, d]
      return { output: linear("proj", tf.reshape(seen, [n, tokens, dimension!])), stats: {} }; // [N, T, D]
    },
  };
}

function misfit(verb: string, heads: number, input: readonly number[]): LayerError {
  return new LayerError(verb, "attention", `tokens [T, D] with D a multiple of ${heads} heads`, shapeText(input));
}
