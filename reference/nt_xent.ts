/**
 * SimCLR's loss in float64, over 2N views: z_n and z_(N+n) are the two of image n.
 *
 *     l(i, j) = -log( exp(z_i . z_j / T) / sum_{k != i} exp(z_i . z_k / T) )
 *     L = 1/2N sum_n ( l(n, N+n) + l(N+n, n) )
 *
 * Source: arXiv:2002.05709, eq. 1 and algorithm 1 (whose pairs are neighbours, 2n-1 and 2n).
 *
 * @module
 */
import { dot, logSumExp, type Matrix, zeros } from "./matrix.ts";

/** What the loss gives for one batch. */
export type NtXent = {
  /** Nats. */
  readonly loss: number;
  /** [2N][2N]: z_i . z_k / T, and minus infinity where k = i. */
  readonly logits: number[][];
  /** dL/dz [2N][D]. */
  readonly gradient: number[][];
  /** Share of views whose positive is above every other candidate; a tie is a miss. */
  readonly top1: number;
};

/**
 * The loss and its gradient. With p_ik the softmax over k != i, and g_ik = (p_ik - [k = pair(i)]) / (2N T):
 *
 *     dL/dz_i = sum_{k != i} (g_ik + g_ki) z_k
 *
 * @param z views [2N][D], unit rows.
 * @param temperature T > 0.
 */
export function ntXent(z: Matrix, temperature: number): NtXent {
  const views = z.length;
  const gradient = zeros(views, z[0].length);
  const logits: number[][] = [];
  let loss = 0;
  let top1 = 0;
  for (let i = 0; i < views; i++) {
    const pair = (i + views / 2) % views;
    const row = z.map((other, k) => k === i ? -Infinity : dot(z[i], other) / temperature);
    const logSum = logSumExp(row);
    loss += (logSum - row[pair]) / views;
    for (let k = 0; k < views; k++) {
      if (k === i) continue;
      const slope = (Math.exp(row[k] - logSum) - (k === pair ? 1 : 0)) / (views * temperature);
      for (let d = 0; d < z[i].length; d++) {
        gradient[i][d] += slope * z[k][d];
        gradient[k][d] += slope * z[i][d];
      }
    }
    if (row.every((value, k) => k === pair || value < row[pair])) top1 += 1 / views;
    logits.push(row);
  }
  return { loss, logits, gradient, top1 };
}
