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
import { add, logSumExp, type Matrix, product, type Vector, zeros } from "./matrix.ts";

/** The mean cross-entropy in nats and its gradients. `x` [N][D], `weight` [D][C], `bias` [C]. */
export function softmaxRegression(
  x: Matrix,
  labels: readonly number[],
  weight: Matrix,
  bias: Vector,
): { readonly loss: number; readonly logits: number[][]; readonly weight: number[][]; readonly bias: number[] } {
  const dWeight = zeros(weight.length, bias.length);
  const dBias = bias.map(() => 0);
  let loss = 0;
  const logits = product(x, weight).map((row) => add(row, bias));
  logits.forEach((logit, n) => {
    const logSum = logSumExp(logit);
    loss += (logSum - logit[labels[n]]) / x.length;
    logit.forEach((value, c) => {
      const excess = (Math.exp(value - logSum) - (c === labels[n] ? 1 : 0)) / x.length;
      dBias[c] += excess;
      x[n].forEach((feature, d) => dWeight[d][c] += feature * excess);
    });
  });
  return { loss, logits, weight: dWeight, bias: dBias };
}
