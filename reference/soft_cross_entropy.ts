/**
 * Classification against targets that are distributions over the classes, in float64.
 *
 *     y_n = (1 - epsilon) onehot(label_n) + epsilon / C                    label smoothing
 *     L   = -1/N sum_n sum_c y_nc log p_nc,    p_n = softmax(z_n)
 *     dL/dz_n = 1/N (p_n sum_c y_nc - y_n)
 *
 * Source: arXiv:1512.00567, section 7 (label smoothing).
 *
 * @module
 */
import { logSumExp, type Matrix, sum, type Vector } from "./matrix.ts";

/** The targets of some labels, [N][C]. */
export function smoothedTargets(labels: Vector, classes: number, epsilon: number): number[][] {
  return labels.map((label) =>
    Array.from({ length: classes }, (_, c) => (c === label ? 1 - epsilon : 0) + epsilon / classes)
  );
}

/** The loss in nats, and its gradient with respect to the logits [N][C]. */
export function softCrossEntropy(
  logits: Matrix,
  targets: Matrix,
): { readonly loss: number; readonly gradient: number[][] } {
  const count = logits.length;
  let loss = 0;
  const gradient = logits.map((row, n) => {
    const logSum = logSumExp(row);
    const mass = sum(targets[n]);
    return row.map((logit, c) => {
      loss -= targets[n][c] * (logit - logSum) / count;
      return (Math.exp(logit - logSum) * mass - targets[n][c]) / count;
    });
  });
  return { loss, gradient };
}
