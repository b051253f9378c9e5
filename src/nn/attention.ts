import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { split } from "../core/random.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { scaledDotProductAttention } from "../engine/ops/mod.ts";
import { dense, linear } from "./dense.ts";
import { firstToken } from "./first_token.ts";
import { LayerError, shapeText, within } from "./layer_error.ts";
import type { Layer, Params } from "./types.ts";
import { valueOf, valuesOf } from "./values.ts";

/** The sizes of an attention layer, and which tokens are queries. */
export type AttentionOptions = {
  /** The channels D of a token. */
  readonly dimension: number;
  /** The number of heads H, each of which sees D / H channels. */
  readonly heads: number;
  /**
   * Which tokens attend to the others: all, or only the first one, if no other output is read. Default "all".
   */
  readonly queries?: "all" | "first";
};

/**
 * Multi-head self-attention: every token is replaced by a mean of all tokens' values, weighted by how well its query
 * matches their keys. For each head, with d = D / H channels:
 *
 *     softmax(Q K^T / sqrt(d)) V
 *
 * A linear layer then mixes the heads.
 *
 * Parameters: `qkv.weight` [D, 3D], the columns of q, k and v in this order, head by head, each of the three drawn by
 * Xavier's bound for [D, D]; `qkv.bias`; `proj.weight` [D, D], `proj.bias`. Biases start at zero.
 *
 * Source: arXiv:1706.03762, eq. 1. Reference: reference/attention.ts
 *
 * @param options Channels, heads, and which tokens are queries.
 * @returns A layer from tokens [N, T, D] to [N, T, D], or to [N, 1, D] for the first one only.
 * @throws {RangeError} if a number is not whole and at least 1, or the heads do not divide the channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { attention, key, tf } from "@momentum-contrast/moco";
 *
 * const layer = attention({ dimension: 8, heads: 2 });
 * const { network } = layer.init(key(0), [5, 8]); // 5 tokens of 8 channels
 * assertEquals(layer.apply(network, tf.ones([2, 5, 8]), { training: true }).output.shape, [2, 5, 8]);
 * ```
 */
export function attention({ dimension, heads, queries = "all" }: AttentionOptions): Layer {
  checkNumbers("make attention", { dimension: [dimension, wholeFromOne], heads: [heads, wholeFromOne] });
  if (dimension % heads !== 0) {
    throw new RangeError(`Cannot make attention: expected channels that ${heads} heads divide, found ${dimension}`);
  }
  const qkv = dense({ features: 3 * dimension, initialization: "xavier", parts: 3 });
  const proj = dense({ features: dimension, initialization: "xavier" });
  return {
    init: (key, input) => {
      const [qkvKey, projKey] = split(key);
      const projected = within("qkv", () => qkv.init(qkvKey, input));
      const { network, output } = proj.init(projKey, [queries === "all" ? input[0] : 1, dimension]);
      return { network: { params: { qkv: projected.network.params, proj: network.params }, buffers: {} }, output };
    },
    apply: ({ params }, x, mode) => {
      if (x.rank !== 3) throw new LayerError("apply", "attention", "tokens [N, T, D]", shapeText(x));
      const projected = within("qkv", () => project(valuesOf(params, "qkv"), x, queries));
      // q [N, H, S, d], k and v [N, H, T, d]
      const [q, k, v] = projected.flatMap((part) => byHead(part, dimension / heads, heads));
      const seen = scaledDotProductAttention(q, k, v); // [N, S, H, d]
      const sideBySide = tf.reshape(seen, [x.shape[0], seen.shape[1]!, dimension]); // [N, S, D]
      return within("proj", () => proj.apply({ params: valuesOf(params, "proj"), buffers: {} }, sideBySide, mode));
    },
  };
}

/**
 * How much the first token attends to each token, for each head: the weights of the mean that {@linkcode attention}
 * takes for that token, with the same values.
 *
 *     softmax(q K^T / sqrt(d))
 *
 * Source: arXiv:1706.03762, eq. 1. Reference: reference/attention.ts
 *
 * @param options Channels and heads.
 * @returns A layer from tokens [N, T, D] to [N, H, T], whose rows have the sum 1.
 * @throws {RangeError} as {@linkcode attention} does.
 */
export function attentionWeights({ dimension, heads }: Omit<AttentionOptions, "queries">): Layer {
  const { init } = attention({ dimension, heads });
  return {
    init: (key, input) => ({ ...init(key, input), output: [heads, input[0]] }),
    apply: ({ params }, x) => {
      const projected = within("qkv", () => project(valuesOf(params, "qkv"), x, "first"));
      const [q, k] = projected.flatMap((part) => byHead(part, dimension / heads, heads)); // [N, H, 1, d], [N, H, T, d]
      const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(dimension / heads)); // [N, H, 1, T]
      return { output: tf.squeeze(tf.softmax(scores), [2]), buffers: {} };
    },
  };
}

/** Queries, keys and values side by side, [N, T, 3D]; or queries of the first token, then keys and values of all. */
function project(values: Params, x: Tensor, queries: "all" | "first"): Tensor[] {
  const dimension = x.shape[2]!;
  const weight = valueOf(values, "weight", [dimension, 3 * dimension], "dense");
  const bias = valueOf(values, "bias", [3 * dimension], "dense");
  if (queries === "all") return [linear(x, weight, bias)];
  const columns = (begin: number, end: number): [Tensor, Tensor] => {
    const [from, size] = [begin * dimension, (end - begin) * dimension];
    return [tf.slice(weight, [0, from], [-1, size]), tf.slice(bias, [from], [size])];
  };
  return [linear(firstToken(x), ...columns(0, 1)), linear(x, ...columns(1, 3))]; // [N, 1, D], [N, T, 2D]
}

/** Projections [N, S, P D] to the d channels that each head has of each of the P: P x [N, H, S, d]. */
function byHead(projected: Tensor, channels: number, heads: number): Tensor[] {
  const [n, tokens, width] = projected.shape as [number, number, number];
  const parts = width / channels / heads;
  const apart = tf.reshape(projected, [n, tokens, parts, heads, channels]); // [N, S, P, H, d]
  const first = tf.transpose(apart, [2, 0, 3, 1, 4]); // [P, N, H, S, d]
  return parts === 1 ? [tf.squeeze(first, [0])] : tf.unstack(first); // tfjs has no gradient for unstacking a single one
}
