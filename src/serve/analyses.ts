/**
 * Long computations about a collection, which a thread of their own does.
 *
 * @module
 */
import type { Leak } from "../search/leaks.ts";
import type { NeighbourGraph } from "../search/neighbour_graph.ts";
import { type UnitVectors, vectorsAt } from "../search/unit_vectors.ts";
import type { AnalysisQuestion, AnalysisResult } from "./analysis_work.ts";
import type { Progress } from "./messages.ts";
import { halvesOf, isSame, type PlacedVectors } from "./placed_vectors.ts";
import type { Table } from "./table.ts";
import { thread } from "./thread.ts";

/** Neighbours of each image that are found: as many as images of one scene usually have near duplicates. */
const NEIGHBOURS = 8;

/** The least similarity of a leak that is found; the page's slider goes down to it. */
const LEAST_LEAK = 0.8;

const noNeighbours: NeighbourGraph = {
  k: NEIGHBOURS,
  rows: new Int32Array(),
  similarities: new Float32Array(),
};

/** A long computation: how far it is, or what came out, or why it failed. */
export type Analysis<A> =
  | { readonly _tag: "Running"; readonly progress: Progress }
  | { readonly _tag: "Done"; readonly result: A }
  | { readonly _tag: "Failed"; readonly reason: string };

/**
 * The long computations about a collection. Each is begun by the first call, and later ones say how far it is. It is
 * begun anew for other vectors, and where it failed.
 */
export type Analyses = {
  /** The nearest other images of every image. */
  readonly neighbours: (encoder: string, vectors: PlacedVectors) => Analysis<NeighbourGraph>;
  /** Test images that are near a training image, as places in the vectors. */
  readonly leaks: (encoder: string, vectors: PlacedVectors, table: Table) => Analysis<readonly Leak[]>;
  /** Forgets what was computed, as the images have changed. */
  readonly clear: () => void;
  readonly close: () => void;
};

/** A computation that has begun, and its vectors: what comes out is about their places. */
type Begun = { vectors: PlacedVectors; now: Analysis<AnalysisResult> };

/** No computation has begun yet. */
export function analyses(): Analyses {
  const begun = new Map<string, Begun>();
  const analyst = thread<AnalysisQuestion, AnalysisResult>(new URL("./analysis_work.ts", import.meta.url));

  /** A computation, which is begun once; without a question, the result is that of no images. */
  const analysed = <A extends AnalysisResult>(
    key: string,
    vectors: PlacedVectors,
    ask: () => AnalysisQuestion | undefined,
    none: A,
  ): Analysis<A> => {
    const known = begun.get(key);
    if (known !== undefined && isSame(known.vectors, vectors)) {
      known.vectors = vectors; // the same object is recognised at once, and the one before is let go
      if (known.now._tag === "Failed") begun.delete(key);
      return known.now as Analysis<A>;
    }
    const question = ask();
    if (question === undefined) return { _tag: "Done", result: none };
    const analysis: Begun = { vectors, now: { _tag: "Running", progress: { done: 0, count: 1 } } };
    begun.set(key, analysis);
    analyst.ask(question, (done, count) => analysis.now = { _tag: "Running", progress: { done, count } }).then(
      (result) => analysis.now = { _tag: "Done", result },
      (thrown) => analysis.now = { _tag: "Failed", reason: (thrown as Error).message },
    );
    return analysis.now as Analysis<A>;
  };
  return {
    neighbours: (encoder, vectors) =>
      analysed(`neighbours ${encoder}`, vectors, () => neighboursOf(vectors), noNeighbours),
    leaks: (encoder, vectors, table) =>
      analysed<readonly Leak[]>(`leaks ${encoder}`, vectors, () => leaksOf(vectors, table), []),
    clear: () => begun.clear(),
    close: analyst.close,
  };
}

function neighboursOf(vectors: PlacedVectors): AnalysisQuestion | undefined {
  const { ids, values, dim } = vectors;
  if (ids.length < 2) return undefined;
  return { kind: "neighbours", vectors: { values, dim }, k: Math.min(NEIGHBOURS, ids.length - 1) };
}

function leaksOf(vectors: PlacedVectors, table: Table): AnalysisQuestion | undefined {
  const { test, train } = halvesOf(vectors, table);
  if (test.length === 0 || train.length === 0) return undefined;
  const part = (places: readonly number[]): UnitVectors => vectorsAt(vectors, places);
  return { kind: "leaks", test: part(test), train: part(train), threshold: LEAST_LEAK };
}
