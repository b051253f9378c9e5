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

answering((asked: AnalysisQuestion, onProgress): AnalysisResult =>
  asked.kind === "neighbours"
    ? neighbourGraph(asked.vectors, asked.k, { onProgress })
    : findLeaks(asked.test, asked.train, asked.threshold, onProgress)
);
