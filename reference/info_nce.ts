/**
 * InfoNCE over a queue of negatives, in float64: the loss of a (K+1)-way softmax classifier that tries to tell the
 * positive key of each query from the K keys of the queue.
 *
 *     l_n0 = q_n . k_n / T,    l_nj = q_n . queue_j / T    (j = 1 ... K)
 *     L = -1/N sum_n log( exp(l_n0) / sum_j exp(l_nj) )
 *
 * Source: arXiv:1911.05722, eq. 1 and algorithm 1.
 *
 * @module
 */
import { dot, logSumExp, type Matrix } from "./matrix.ts";

/** What the loss gives for one batch. */
export type InfoNce = {
  /** Mean cross-entropy against column 0, in nats. */
  readonly loss: number;
  /** [N][1+K]; column 0 holds the positives. */
  readonly logits: number[][];
  /** dL/dq [N][D], the keys and the queue held constant. */
  readonly gradient: number[][];
  /** Share of queries whose positive is above every negative; a tie is a miss, so that collapsed features score 0. */
  readonly top1: number;
  /** Share of queries with fewer than five negatives at or above the positive. */
  readonly top5: number;
};

/**
 * The loss, its gradient and the contrast accuracy.
 *
 *     dL/dq_n = 1/(N T) ( sum_j p_nj c_nj - k_n ),    p_n = softmax(l_n),    c_n = [k_n, queue_1, ..., queue_K]
 *
 * @param q queries [N][D], unit rows.
 * @param k positive keys [N][D], unit rows: k[n] is the other view of q[n].
 * @param queue negatives [K][D], unit rows.
 * @param temperature T > 0.
 */
export function infoNce(
  q: Matrix,
  k: Matrix,
  queue: Matrix,
  temperature: number,
): InfoNce {
  const count = q.length;
  const logits: number[][] = [];
  const gradient: number[][] = [];
  let loss = 0;
  let top1 = 0;
  let top5 = 0;
  for (let n = 0; n < count; n++) {
    const candidates = [k[n], ...queue];
    const row = candidates.map((candidate) => dot(q[n], candidate) / temperature);
    const logSum = logSumExp(row);
    loss += (logSum - row[0]) / count;

    const slope = new Array<number>(q[n].length).fill(0);
    for (let j = 0; j < candidates.length; j++) {
      const excess = Math.exp(row[j] - logSum) - (j === 0 ? 1 : 0);
      for (let d = 0; d < slope.length; d++) slope[d] += excess * candidates[j][d] / (count * temperature);
    }

    let nearer = 0;
    for (let j = 1; j < row.length; j++) if (row[j] >= row[0]) nearer++;
    if (nearer < 1) top1 += 1 / count;
    if (nearer < 5) top5 += 1 / count;

    logits.push(row);
    gradient.push(slope);
  }
  return { loss, logits, gradient, top1, top5 };
}
