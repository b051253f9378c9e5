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

/** A linear layer: `weight` [in][out], `bias` [out]. */
export type Linear = { readonly weight: readonly (readonly number[])[]; readonly bias: readonly number[] };

/** The values of an attention layer: the columns of `qkv` are q, k and v in turn, head by head. */
export type Attention = { readonly qkv: Linear; readonly proj: Linear };

/** x W + b for every row. */
export function linear(x: readonly (readonly number[])[], { weight, bias }: Linear): number[][] {
  return x.map((row) => bias.map((b, c) => row.reduce((sum, value, j) => sum + value * weight[j][c], b)));
}

/** Tokens [T][D] to tokens [T][D]. */
export function attention(x: readonly (readonly number[])[], layer: Attention, heads: number): number[][] {
  const dimension = x[0].length;
  const d = dimension / heads;
  const projected = linear(x, layer.qkv);
  const at = (token: number, part: 0 | 1 | 2, head: number, channel: number) =>
    projected[token][part * dimension + head * d + channel];
  const seen = x.map((_, i) => {
    const y: number[] = [];
    for (let head = 0; head < heads; head++) {
      const scores = x.map((_, j) => {
        let product = 0;
        for (let c = 0; c < d; c++) product += at(i, 0, head, c) * at(j, 1, head, c);
        return product / Math.sqrt(d);
      });
      const largest = Math.max(...scores);
      const exponentials = scores.map((score) => Math.exp(score - largest));
      const total = exponentials.reduce((sum, value) => sum + value, 0);
      for (let c = 0; c < d; c++) {
        y.push(exponentials.reduce((sum, value, j) => sum + value / total * at(j, 2, head, c), 0));
      }
    }
    return y;
  });
  return linear(seen, layer.proj);
}
