import type { Evaluation } from "../evaluate/evaluate.ts";
import type { KnnResult } from "../evaluate/knn.ts";
import type { LinearResult } from "../evaluate/linear.ts";

/** What one set of features reached: an evaluation without predictions and weights, as it is kept in the summary. */
export type Result = {
  /** Whose features: "MoCo v2", "Random initialisation", "Raw pixels". */
  readonly features: string;
  /** Features of an image. */
  readonly dimension: number;
  /** Weighted kNN. */
  readonly knn: Omit<KnnResult, "predictions">;
  /** The linear probe, where it was trained. */
  readonly linear?: Omit<LinearResult, "predictions" | "head">;
};

/** What a run did and reached, as JSON. Shares are in [0, 1], times in seconds. */
export type Summary = {
  /** Version of this layout. */
  readonly version: 1;
  /** The method with its encoder, in words: "MoCo v2, ResNet-18 at width 0.25". */
  readonly method: string;
  /** When the run ended, ISO 8601. */
  readonly finished: string;
  readonly data: {
    readonly name: string;
    /** Training images, used without labels for pretraining and with labels for evaluation. */
    readonly train: number;
    /** Held-out images. */
    readonly test: number;
    readonly classes: readonly string[];
    /** Height, width, channels in pixels. */
    readonly shape: readonly [height: number, width: number, channels: number];
  };
  readonly training: {
    readonly epochs: number;
    readonly steps: number;
    readonly batch: number;
    readonly seconds: number;
    readonly imagesPerSecond: number;
  };
  /** The trained encoder first, then what it is compared with. */
  readonly results: readonly Result[];
  /** Wall time of the whole run, downloads and evaluation included. */
  readonly seconds: number;
  /** What it ran on, by name: Deno, TensorFlow, device, precision. */
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * An evaluation as an entry of the summary: named, and without predictions and weights.
 *
 * @param features Whose features they are.
 * @param evaluation What they reached.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toResult } from "@momentum-contrast/moco";
 *
 * const knn = { count: 1, top1: 1, top5: 1, perClass: [], k: 1, temperature: 0.1, predictions: Int32Array.of(0) };
 * assertEquals(JSON.stringify(toResult("Raw pixels", { dimension: 4, knn })).includes("predictions"), false);
 * ```
 */
export function toResult(features: string, evaluation: Evaluation): Result {
  const { predictions: _knn, ...knn } = evaluation.knn;
  if (evaluation.linear === undefined) return { features, dimension: evaluation.dimension, knn };
  const { predictions: _linear, head: _head, ...linear } = evaluation.linear;
  return { features, dimension: evaluation.dimension, knn, linear };
}
