import type { NeighbourGraph } from "../neighbour_graph.ts";
import { memberships } from "./memberships.ts";

/** Weighted edges, those of one head after those of another. */
export type Edges = {
  /** Where the edges of each head begin, and the number of edges at the end, [heads + 1]. */
  readonly starts: Int32Array;
  /** The other end of each edge, [edges]. */
  readonly tails: Int32Array;
  /** The weight of each edge, in (0, 1]. */
  readonly weights: Float32Array;
};

/**
 * The connections of all images as one graph. An edge has the probability that at least one of its two directions is
 * there:
 *
 *     w_(i,j) = v_(i,j) + v_(j,i) - v_(i,j) v_(j,i).
 *
 * Source: arXiv:1802.03426, algorithm 1 (the fuzzy union).
 * Reference: reference/search/umap.ts
 *
 * @param graph The neighbours of N images.
 * @returns Every edge twice, once from each end; the tails of a head in ascending order.
 */
export function fuzzyGraph(graph: NeighbourGraph): Edges {
  const { k, rows } = graph;
  const weights = memberships(graph);
  const count = rows.length / k;
  const out = sorted({ starts: Int32Array.from({ length: count + 1 }, (_, i) => i * k), tails: rows, weights }, count);
  const back = transposed(out, count);
  const starts = new Int32Array(count + 1);
  const tails = new Int32Array(2 * rows.length);
  const united = new Float32Array(2 * rows.length);
  let size = 0;
  for (let head = 0; head < count; head++) {
    let i = out.starts[head], j = back.starts[head];
    const [endI, endJ] = [out.starts[head + 1], back.starts[head + 1]];
    while (i < endI || j < endJ) {
      const there = i < endI ? out.tails[i] : Infinity;
      const here = j < endJ ? back.tails[j] : Infinity;
      const tail = Math.min(there, here);
      const forward = there === tail ? out.weights[i++] : 0;
      const backward = here === tail ? back.weights[j++] : 0;
      tails[size] = tail;
      united[size++] = forward + backward - forward * backward;
    }
    starts[head + 1] = size;
  }
  return { starts, tails: tails.slice(0, size), weights: united.slice(0, size) };
}

type Directed = { readonly starts: Int32Array; readonly tails: Int32Array; readonly weights: Float64Array };

/** The edges turned round. The tails of a head come in ascending order. */
function transposed({ starts, tails, weights }: Directed, count: number): Directed {
  const turnedStarts = new Int32Array(count + 1);
  for (const tail of tails) turnedStarts[tail + 1]++;
  for (let i = 0; i < count; i++) turnedStarts[i + 1] += turnedStarts[i];
  const next = turnedStarts.slice();
  const turnedTails = new Int32Array(tails.length);
  const turnedWeights = new Float64Array(tails.length);
  for (let head = 0; head < count; head++) {
    for (let edge = starts[head]; edge < starts[head + 1]; edge++) {
      const place = next[tails[edge]]++;
      turnedTails[place] = head;
      turnedWeights[place] = weights[edge];
    }
  }
  return { starts: turnedStarts, tails: turnedTails, weights: turnedWeights };
}

/** The tails of each head in ascending order: turned round twice. */
function sorted(edges: Directed, count: number): Directed {
  return transposed(transposed(edges, count), count);
}
