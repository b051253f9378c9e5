import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { activation } from "./activation.ts";
import { attention } from "./attention.ts";
import { dense } from "./dense.ts";
import { firstToken } from "./first_token.ts";
import { gelu } from "./gelu.ts";
import { identity } from "./identity.ts";
import { layerNorm } from "./layer_norm.ts";
import { residual } from "./residual.ts";
import { sequential } from "./sequential.ts";
import type { Layer } from "./types.ts";

/** The sizes of a transformer block. */
export type TransformerBlockOptions = {
  /** The channels D of a token. */
  readonly dimension: number;
  /** The number of attention heads. */
  readonly heads: number;
  /** The hidden channels of the MLP, as a multiple of a token's. Default 4. */
  readonly ratio?: number;
  /** Which tokens are output: all, or only the first, in a last block of which nothing else is read. Default "all". */
  readonly queries?: "all" | "first";
};

/**
 * A pre-norm transformer block: attention mixes the tokens, then an MLP transforms each token by itself.
 *
 *     z = x + attention(norm1(x)),    y = z + mlp(norm2(z))
 *
 * The MLP has two linear layers with GELU between them. Values have timm's names.
 *
 * Source: arXiv:2010.11929, eq. 2 and 3. Reference: reference/transformer_block.ts
 *
 * @param options Sizes.
 * @returns A layer from tokens [N, T, D] to [N, T, D], or to [N, 1, D] for the first one only.
 * @throws {RangeError} if a number is not above 0, the heads do not divide the channels, or the MLP has not a whole number
 *   of channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, tf, transformerBlock } from "@momentum-contrast/moco";
 *
 * const layer = transformerBlock({ dimension: 8, heads: 2 });
 * const { network } = layer.init(key(0), [5, 8]); // 5 tokens of 8 channels
 * assertEquals(layer.apply(network, tf.ones([2, 5, 8]), { training: true }).output.shape, [2, 5, 8]);
 * ```
 */
export function transformerBlock({ dimension, heads, ratio = 4, queries = "all" }: TransformerBlockOptions): Layer {
  checkNumbers("make a transformer block", { ratio: [ratio, aboveZero] });
  const mlp = sequential({
    fc1: dense({ features: ratio * dimension, initialization: "xavier" }),
    fc2: sequential(gelu(), dense({ features: dimension, initialization: "xavier" })),
  });
  return sequential(
    residual(sequential({ norm1: layerNorm(), attn: attention({ dimension, heads, queries }) }), {
      shortcut: queries === "all" ? identity() : activation(firstToken, ([, dimension]) => [1, dimension]),
    }),
    residual(sequential({ norm2: layerNorm(), mlp })),
  );
}
