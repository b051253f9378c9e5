/**
 * Long computations about a collection, which a thread of their own does.
 *
 * @module
 */
import type { Leak } from "../search/leaks.ts";
import { type UnitVectors, vectorsAt } from "../search/unit_vectors.ts";
import type { AnalysisQuestion, AnalysisResult } from "./analysis_work.ts";
import type { Compared, Progress } from "./messages.ts";
import { halvesOf, isSame, type PlacedVectors } from "./placed_vectors.ts";
import type { Table } from "./table.ts";
import { thread } from "./thread.ts";

/** The least similarity of a leak that is found; the page's slider goes down to it. */
const LEAST_LEAK = 0.8;

/** What is found of one image, or none. */
const nothingCompared: Compared = {
  distances: Float64Array.of(NaN),
  first: new Int32Array(),
  second: new Int32Array(),
  similarities: new Float32Array(),
  shares: new Float32Array(),
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
  /** Which images are near to each other, as places in the vectors, and how far each is from those around it. */
  readonly neighbours: (encoder: string, vectors: PlacedVectors) => Analysis<Compared>;
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
      analysed(`neighbours ${encoder}`, vectors, () => comparisonOf(vectors), nothingCompared),
    leaks: (encoder, vectors, table) =>
      analysed<readonly Leak[]>(`leaks ${encoder}`, vectors, () => leaksOf(vectors, table), []),
    clear: () => begun.clear(),
    close: analyst.close,
  };
}

function comparisonOf({ ids, values, dim }: PlacedVectors): AnalysisQuestion | undefined {
  return ids.length < 2 ? undefined : { kind: "neighbours", vectors: { values, dim } };
}

function leaksOf(vectors: PlacedVectors, table: Table): AnalysisQuestion | undefined {
  const { test, train } = halvesOf(vectors, table);
  if (test.length === 0 || train.length === 0) return undefined;
  const part = (places: readonly number[]): UnitVectors => vectorsAt(vectors, places);
  return { kind: "leaks", test: part(test), train: part(train), threshold: LEAST_LEAK };
}
