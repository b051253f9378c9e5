/**
 * UMAP, in float64: the fuzzy graph of exact neighbours, the cross entropy of a layout, and one epoch of the descent.
 *
 * Source: arXiv:1802.03426, algorithms 1 to 5.
 *
 * @module
 */
import type { Matrix } from "../matrix.ts";

/** The memberships of one image's neighbours, from their distances, with a scale found by bisection. */
export function memberships(distances: readonly number[]): number[] {
  const rho = Math.min(...distances.filter((d) => d > 0));
  const beyond = distances.map((d) => Math.max(0, d - (Number.isFinite(rho) ? rho : 0)));
  const sum = (sigma: number) => beyond.reduce((total, d) => total + Math.exp(-d / sigma), 0);
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (sum(middle) > Math.log2(distances.length)) high = middle;
    else low = middle;
  }
  return beyond.map((d) => Math.exp(-d / high));
}

/** v + vᵀ - v ∘ vᵀ of a square matrix of memberships. */
export function fuzzyUnion(v: Matrix): number[][] {
  return v.map((row, i) => row.map((x, j) => x + v[j][i] - x * v[j][i]));
}

/** The cross entropy of one pair: -w log(s) - (1 - w) log(1 - s), with s = 1 / (1 + a d^(2 b)). */
export function crossEntropy(weight: number, distance: number, a: number, b: number): number {
  const s = 1 / (1 + a * distance ** (2 * b));
  return -weight * Math.log(s) - (1 - weight) * Math.log(1 - s);
}

/** A descent: points, edges of head, tail and weight, and what is drawn. */
export type Descent = {
  readonly points: Matrix;
  readonly edges: readonly (readonly [head: number, tail: number, weight: number])[];
  readonly a: number;
  readonly b: number;
  readonly epochs: number;
  readonly rate: number;
  readonly negatives: number;
  readonly draw: () => number;
};

/** The points after all epochs. */
export function descend({ points, edges, a, b, epochs, rate, negatives, draw }: Descent): number[][] {
  const y = points.map((point) => [...point]);
  const clip = (x: number) => Math.max(-4, Math.min(4, x));
  const largest = Math.max(...edges.map(([, , weight]) => weight));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const step = rate * (1 - (epoch - 1) / epochs);
    for (const [head, tail, weight] of edges) {
      // In the first n epochs an edge takes part floor(n w / max w) times.
      const turns = (n: number) => Math.floor(n * weight / largest + 1e-9);
      if (turns(epoch) === turns(epoch - 1)) continue;
      const d = Math.hypot(y[head][0] - y[tail][0], y[head][1] - y[tail][1]);
      if (d > 0) {
        const pull = -2 * a * b * d ** (2 * b - 2) / (1 + a * d ** (2 * b));
        [0, 1].forEach((axis) => {
          const move = step * clip(pull * (y[head][axis] - y[tail][axis]));
          y[head][axis] += move;
          y[tail][axis] -= move;
        });
      }
      for (let i = 0; i < negatives; i++) {
        const other = draw();
        const e = Math.hypot(y[head][0] - y[other][0], y[head][1] - y[other][1]);
        if (other === head || e === 0) continue;
        const push = 2 * b / ((0.001 + e * e) * (1 + a * e ** (2 * b)));
        const [dx, dy] = [y[head][0] - y[other][0], y[head][1] - y[other][1]];
        y[head][0] += step * clip(push * dx);
        y[head][1] += step * clip(push * dy);
      }
    }
  }
  return y;
}
