/**
 * A pre-norm transformer block over the tokens of one sample, in float64:
 *
 *     z = x + attention(norm1(x)),    y = z + fc2(gelu(fc1(norm2(z))))
 *
 * Source: arXiv:2010.11929, eq. 2 and 3.
 *
 * @module
 */
import { type Attention, attention, type Linear, linear } from "./attention.ts";
import { gelu } from "./gelu.ts";
import { layerNorm } from "./layer_norm.ts";
import { addRows, type Matrix } from "./matrix.ts";

/** Scale and offset of a layer norm, [D] each. */
export type Norm = { readonly weight: readonly number[]; readonly bias: readonly number[] };

/** The values of a block. */
export type Block = {
  readonly norm1: Norm;
  readonly attn: Attention;
  readonly norm2: Norm;
  readonly mlp: { readonly fc1: Linear; readonly fc2: Linear };
};

/** Tokens [T][D] to tokens [T][D]. */
export function transformerBlock(x: Matrix, block: Block, heads: number): number[][] {
  const { norm1, attn, norm2, mlp } = block;
  const z = addRows(x, attention(layerNorm(x, norm1.weight, norm1.bias), attn, heads));
  const hidden = linear(layerNorm(z, norm2.weight, norm2.bias), mlp.fc1).map((row) => row.map(gelu));
  return addRows(z, linear(hidden, mlp.fc2));
}
