/**
 * The tokens of a vision transformer, and what its class token attends to, in float64:
 *
 *     z_0 = [class token; patches W + b] + positions,    z_l = block_l(z_{l-1})
 *
 * Source: arXiv:2010.11929, eq. 1 to 3.
 *
 * @module
 */
import { attentionWeights, type Linear, linear } from "./attention.ts";
import { layerNorm } from "./layer_norm.ts";
import { addRows, type Matrix, type Vector } from "./matrix.ts";
import { type Block, transformerBlock } from "./transformer_block.ts";

/** The values of a vision transformer. */
export type Vit = {
  readonly projection: Linear;
  /** [D]; absent where the features are the mean of the patches. */
  readonly classToken?: Vector;
  /** [T][D] */
  readonly positions: Matrix;
  readonly blocks: readonly Block[];
};

/** The tokens after every block, [T][D], given the pixels of each patch. */
export function tokensOf(
  patches: Matrix,
  { projection, classToken, positions, blocks }: Vit,
  heads: number,
): number[][] {
  const projected = linear(patches, projection);
  const first = classToken === undefined ? projected : [[...classToken], ...projected];
  return blocks.reduce((z, block) => transformerBlock(z, block, heads), addRows(first, positions));
}

/** How much the class token attends to each patch in the last block, for each head: [H][T - 1]. */
export function classAttention(patches: Matrix, vit: Vit, heads: number): number[][] {
  const { norm1, attn } = vit.blocks.at(-1)!;
  const before = tokensOf(patches, { ...vit, blocks: vit.blocks.slice(0, -1) }, heads);
  const weights = attentionWeights(layerNorm(before, norm1.weight, norm1.bias), attn, heads);
  return weights.map(([ofClass]) => ofClass.slice(1));
}
