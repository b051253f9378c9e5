import type { NeighbourGraph } from "../neighbour_graph.ts";
import { curveOf } from "./curve.ts";
import { draws } from "./draws.ts";
import { type Edges, fuzzyGraph } from "./fuzzy_graph.ts";
import { layOut } from "./layout.ts";
import { memberships } from "./memberships.ts";

/** What is laid out on a map, as plain data that another thread can be given. */
export type Work = {
  /** Where the points that move begin, [heads, 2]. */
  readonly begin: Float64Array;
  /** The points that stay, [tails, 2]. Absent: all points move, and the graph connects them with each other. */
  readonly fixed?: Float64Array;
  /** The neighbours of each point that moves. */
  readonly graph: NeighbourGraph;
  /** See {@linkcode curveOf}. */
  readonly minimum: number;
  readonly epochs: number;
  readonly seed: number;
};

/** Points that push a head away, for each time that an edge pulls it. */
const NEGATIVES = 5;

/** New points begin near where they belong, and take smaller steps. */
const RATE_OF_NEW = 0.25;

/** Lays points out, and returns where they are then. */
export function work({ begin, fixed, graph, minimum, epochs, seed }: Work, onEpoch?: (epoch: number) => void) {
  const heads = begin.slice();
  const tails = fixed ?? heads;
  layOut({
    ...{ heads, tails, epochs, negatives: NEGATIVES, curve: curveOf(minimum) },
    edges: fixed === undefined ? fuzzyGraph(graph) : edgesOf(graph),
    rate: fixed === undefined ? 1 : RATE_OF_NEW,
    draw: draws(seed, tails.length / 2),
    ...onEpoch === undefined ? {} : { onEpoch },
  });
  return heads;
}

/** The connections of new points with old ones, which have no other direction. */
function edgesOf(graph: NeighbourGraph): Edges {
  const { k, rows } = graph;
  const starts = Int32Array.from({ length: rows.length / k + 1 }, (_, i) => i * k);
  return { starts, tails: rows, weights: Float32Array.from(memberships(graph)) };
}
