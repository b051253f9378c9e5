/**
 * Weighted k-nearest-neighbour classification on the unit sphere, in float64:
 *
 *     s_i = f . b_i / (|f| |b_i|),    score_c = sum over the k largest s_i with label c of exp(s_i / t)
 *
 * Source: arXiv:1805.01978, section 3.4 (k = 200; t = 0.1 as in the authors' CIFAR-10 demonstration).
 *
 * @module
 */
import { l2Normalize } from "./l2_normalize.ts";
import { dot, type Matrix } from "./matrix.ts";

/**
 * The score of every class for every query, [Q][classes]. Equal similarities are taken in the order of the bank.
 *
 * @param queries [Q][D].
 * @param bank [B][D], B >= k.
 * @param labels the class of each row of the bank.
 */
export function knnScores(
  queries: Matrix,
  bank: Matrix,
  labels: readonly number[],
  classes: number,
  k: number = 200,
  temperature: number = 0.1,
): number[][] {
  const unitBank = l2Normalize(bank);
  return l2Normalize(queries).map((query) => {
    const similarities = unitBank.map((row) => dot(row, query));
    const order = similarities.map((_, i) => i).sort((i, j) => similarities[j] - similarities[i] || i - j);
    const scores = new Array<number>(classes).fill(0);
    for (const i of order.slice(0, k)) scores[labels[i]] += Math.exp(similarities[i] / temperature);
    return scores;
  });
}

/** The share of queries whose class has one of the `top` best scores (ties in favour of the lower class). */
export function topAccuracy(scores: Matrix, classes: readonly number[], top: number): number {
  let hits = 0;
  scores.forEach((row, n) => {
    const order = row.map((_, c) => c).sort((a, b) => row[b] - row[a] || a - b);
    if (order.slice(0, top).includes(classes[n])) hits++;
  });
  return hits / scores.length;
}
