/**
 * InfoNCE whose dictionary is the batch, in float64, with the gradient on both sides.
 *
 *     l_nj = q_n . k_j / T
 *     L = -1/N sum_n log( exp(l_nn) / sum_j exp(l_nj) )
 *
 * Source: arXiv:1911.05722, eq. 1, the keys being those of the mini-batch (section 3.2, the end-to-end mechanism).
 *
 * @module
 */
import { dot, logSumExp, type Matrix, zeros } from "./matrix.ts";

/** What the loss gives for one batch. */
export type BatchInfoNce = {
  /** Nats. */
  readonly loss: number;
  /** [N][N]; the positives are on the diagonal. */
  readonly logits: number[][];
  /** dL/dq [N][D]. */
  readonly queryGradient: number[][];
  /** dL/dk [N][D]. */
  readonly keyGradient: number[][];
};

/**
 * The loss and its gradients:
 *
 *     dL/dq_n = 1/(N T) sum_j (p_nj - [j = n]) k_j,    p_n = softmax(l_n)
 *     dL/dk_j = 1/(N T) sum_n (p_nj - [j = n]) q_n
 *
 * @param q queries [N][D], unit rows.
 * @param k keys [N][D], unit rows: k[n] is the positive of q[n].
 * @param temperature T > 0.
 */
export function batchInfoNce(q: Matrix, k: Matrix, temperature: number): BatchInfoNce {
  const count = q.length;
  const queryGradient = zeros(count, q[0].length);
  const keyGradient = zeros(count, q[0].length);
  const logits: number[][] = [];
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const row = k.map((key) => dot(q[n], key) / temperature);
    const logSum = logSumExp(row);
    loss += (logSum - row[n]) / count;
    for (let j = 0; j < count; j++) {
      const slope = (Math.exp(row[j] - logSum) - (j === n ? 1 : 0)) / (count * temperature);
      for (let d = 0; d < q[n].length; d++) {
        queryGradient[n][d] += slope * k[j][d];
        keyGradient[j][d] += slope * q[n][d];
      }
    }
    logits.push(row);
  }
  return { loss, logits, queryGradient, keyGradient };
}
