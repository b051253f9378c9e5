import type { Curve } from "./curve.ts";
import type { Edges } from "./fuzzy_graph.ts";
import { powerOf } from "./power.ts";

/** What {@linkcode layOut} moves, and how. */
export type Layout = {
  /** Two coordinates of each head, which are moved: [heads, 2]. */
  readonly heads: Float64Array;
  /**
   * Two coordinates of each tail, [tails, 2]. The same array as `heads` if both ends move; otherwise it stays as it is.
   */
  readonly tails: Float64Array;
  readonly edges: Edges;
  readonly curve: Curve;
  /** Passes over the edges. */
  readonly epochs: number;
  /** The share of a pull or push that a point follows in the first epoch. */
  readonly rate: number;
  /** Points that push a head away, for each time that an edge pulls it. */
  readonly negatives: number;
  /** The next of the tails that push: a whole number in [0, tails). */
  readonly draw: () => number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: number) => void;
};

/** The furthest that one pull or push moves a coordinate, at a rate of 1. */
const FURTHEST = 4;
/** Keeps a push finite between points at one place. */
const APART = 1e-3;

/**
 * Moves points on a map until they are near if an edge connects them and far if none does: stochastic gradient descent
 * on the cross entropy between the edges' weights and the curve 1 / (1 + a d^(2 b)) of their distances. An edge of
 * weight w takes part in a share w / max w of the epochs. Each time it pulls its ends together, and some points drawn
 * at random push its head away:
 *
 *     pull:  -2 a b d^(2 (b - 1)) / (1 + a d^(2 b)) (y_i - y_j),
 *     push:   2 b / ((0.001 + d^2) (1 + a d^(2 b))) (y_i - y_j),   d = |y_i - y_j|.
 *
 * The rate falls to 0 in a straight line. The same input gives the same coordinates, bit for bit.
 *
 * Source: arXiv:1802.03426, section 3.2 and algorithm 5.
 * Reference: reference/search/umap.ts
 *
 * @param layout The points, the edges, the number of epochs, the draws.
 */
export function layOut(layout: Layout): void {
  const { heads, tails, curve: { a, b }, epochs, negatives, draw, onEpoch } = layout;
  const { starts, tails: ends, weights } = layout.edges;
  const both = heads === tails;
  const toB = powerOf(b);
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const period = (edge: number) => largest / weights[edge]; // epochs from one turn of an edge to the next
  const due = Float64Array.from({ length: weights.length }, (_, edge) => period(edge));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const rate = layout.rate * (1 - (epoch - 1) / epochs);
    for (let head = 0; head + 1 < starts.length; head++) {
      for (let edge = starts[head]; edge < starts[head + 1]; edge++) {
        if (due[edge] > epoch) continue;
        due[edge] += period(edge);
        const tail = ends[edge];
        let x = heads[2 * head], y = heads[2 * head + 1];
        let dx = x - tails[2 * tail], dy = y - tails[2 * tail + 1];
        let square = dx * dx + dy * dy;
        if (square > 0) {
          const power = toB(square);
          const pull = -2 * a * b * power / (square * (1 + a * power));
          const moveX = rate * clipped(pull * dx), moveY = rate * clipped(pull * dy);
          x += moveX;
          y += moveY;
          if (both) {
            tails[2 * tail] -= moveX;
            tails[2 * tail + 1] -= moveY;
          }
        }
        for (let i = 0; i < negatives; i++) {
          const other = draw();
          if (both && other === head) continue;
          dx = x - tails[2 * other];
          dy = y - tails[2 * other + 1];
          square = dx * dx + dy * dy;
          if (square === 0) continue;
          const push = 2 * b / ((APART + square) * (1 + a * toB(square)));
          x += rate * clipped(push * dx);
          y += rate * clipped(push * dy);
        }
        heads[2 * head] = x;
        heads[2 * head + 1] = y;
      }
    }
    onEpoch?.(epoch);
  }
}

function clipped(x: number): number {
  return x > FURTHEST ? FURTHEST : x < -FURTHEST ? -FURTHEST : x;
}
