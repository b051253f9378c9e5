/**
 * The thread that compares all images with each other.
 *
 * @module
 */
import { findLeaks, type Leak } from "../search/leaks.ts";
import type { UnitVectors } from "../search/unit_vectors.ts";
import { compare } from "./compare.ts";
import type { Compared } from "./messages.ts";
import { answering } from "./thread.ts";

/** What is computed of vectors. */
export type AnalysisQuestion =
  | { readonly kind: "neighbours"; readonly vectors: UnitVectors }
  | {
    readonly kind: "leaks";
    readonly test: UnitVectors;
    readonly train: UnitVectors;
    readonly threshold: number;
  };

/** What comes out. */
export type AnalysisResult = Compared | readonly Leak[];

answering(async (asked: AnalysisQuestion, onProgress): Promise<AnalysisResult> =>
  asked.kind === "neighbours"
    ? await compare(asked.vectors, onProgress)
    : await findLeaks(asked.test, asked.train, asked.threshold, onProgress)
);
