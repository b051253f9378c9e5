/**
 * Multi-head self-attention over the tokens of one sample, in float64:
 *
 *     [q, k, v] = x W_qkv + b_qkv
 *     a_ij = exp(q_i . k_j / sqrt(d)) / sum_l exp(q_i . k_l / sqrt(d))        for each head, of d channels
 *     y_i = (sum_j a_ij v_j, the heads side by side) W_proj + b_proj
 *
 * Source: arXiv:1706.03762, eq. 1 and section 3.2.2.
 *
 * @module
 */
import { add, type Matrix, product, softmax, transpose, type Vector } from "./matrix.ts";

/** A linear layer: `weight` [in][out], `bias` [out]. */
export type Linear = { readonly weight: Matrix; readonly bias: Vector };

/** The values of an attention layer: the columns of `qkv` are q, k and v in turn, head by head. */
export type Attention = { readonly qkv: Linear; readonly proj: Linear };

/** x W + b for every row. */
export function linear(x: Matrix, { weight, bias }: Linear): number[][] {
  return product(x, weight).map((row) => add(row, bias));
}

/** Tokens [T][D] to tokens [T][D]. */
export function attention(x: Matrix, layer: Attention, heads: number): number[][] {
  const seen = byHead(x, layer, heads).map(({ weights, v }) => product(weights, v)); // heads of [T][d]
  const sideBySide = x.map((_, i) => seen.flatMap((head) => head[i])); // [T][D]
  return linear(sideBySide, layer.proj);
}

/** a_ij of each head, [H][T][T], for tokens [T][D]. */
export function attentionWeights(x: Matrix, layer: Attention, heads: number): number[][][] {
  return byHead(x, layer, heads).map(({ weights }) => weights);
}

/** The weights [T][T] and the values [T][d] of each head. */
function byHead(x: Matrix, layer: Attention, heads: number): { weights: number[][]; v: number[][] }[] {
  const dimension = x[0].length;
  const d = dimension / heads;
  const projected = linear(x, layer.qkv);
  const part = (index: 0 | 1 | 2, head: number) =>
    projected.map((token) => token.slice(index * dimension + head * d, index * dimension + (head + 1) * d)); // [T][d]
  return Array.from({ length: heads }, (_, head) => {
    const [q, k, v] = [part(0, head), part(1, head), part(2, head)];
    const scores = product(q, transpose(k)).map((row) => row.map((score) => score / Math.sqrt(d)));
    return { weights: scores.map(softmax), v };
  });
}
