/**
 * Softmax regression on frozen features, in float64:
 *
 *     l = x W + b,    L = -1/N sum_n log softmax(l_n)[y_n]
 *     dW = x^T (p - 1_y) / N,    db = sum_n (p - 1_y) / N
 *
 * Source: the linear classification protocol of arXiv:1911.05722, section 4.1.
 *
 * @module
 */

/** The mean cross-entropy in nats and its gradients. `x` [N][D], `weight` [D][C], `bias` [C]. */
export function softmaxRegression(
  x: readonly (readonly number[])[],
  labels: readonly number[],
  weight: readonly (readonly number[])[],
  bias: readonly number[],
): { readonly loss: number; readonly logits: number[][]; readonly weight: number[][]; readonly bias: number[] } {
  const dWeight = weight.map((row) => row.map(() => 0));
  const dBias = bias.map(() => 0);
  let loss = 0;
  const logits = x.map((row, n) => {
    const logit = bias.map((b, c) => row.reduce((sum, value, d) => sum + value * weight[d][c], b));
    const largest = Math.max(...logit);
    const logSum = largest + Math.log(logit.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    loss += (logSum - logit[labels[n]]) / x.length;
    logit.forEach((value, c) => {
      const excess = (Math.exp(value - logSum) - (c === labels[n] ? 1 : 0)) / x.length;
      dBias[c] += excess;
      row.forEach((feature, d) => dWeight[d][c] += feature * excess);
    });
    return logit;
  });
  return { loss, logits, weight: dWeight, bias: dBias };
}
