/**
 * The thread that compares all images with each other.
 *
 * @module
 */
import { findLeaks, type Leak } from "../search/leaks.ts";
import { type NeighbourGraph, neighbourGraph } from "../search/neighbour_graph.ts";
import type { UnitVectors } from "../search/unit_vectors.ts";
import { answering } from "./thread.ts";

/** What is computed of vectors. */
export type AnalysisQuestion =
  | { readonly kind: "neighbours"; readonly vectors: UnitVectors; readonly k: number }
  | {
    readonly kind: "leaks";
    readonly test: UnitVectors;
    readonly train: UnitVectors;
    readonly threshold: number;
  };

/** What comes out. */
export type AnalysisResult = NeighbourGraph | readonly Leak[];

answering(async (asked: AnalysisQuestion, onProgress): Promise<AnalysisResult> =>
  asked.kind === "neighbours"
    ? await neighbourGraph(asked.vectors, asked.k, { onProgress })
    : await findLeaks(asked.test, asked.train, asked.threshold, onProgress)
);
