import type { GalleryRow } from "./gallery.ts";
import type { Summary } from "./summary.ts";

/** The metrics of one logged training step. */
export type CurvePoint = {
  /** Epochs done, with the fraction of the one in progress. */
  readonly epoch: number;
  /** Loss in nats. */
  readonly loss: number;
  /** The loss of guessing, log(K + 1) nats (twice that for a symmetric loss that is a sum). */
  readonly chance?: number;
  /** Contrast accuracy: share of queries whose own key scores highest, in [0, 1]. */
  readonly top1?: number;
  /** Share of queries whose own key is among the five highest, in [0, 1]. */
  readonly top5?: number;
  /** Learning rate. */
  readonly learningRate?: number;
  /** Share of the queue that holds keys of real images, in [0, 1]. */
  readonly filled?: number;
  /** Standard deviation of the normalised features over the batch, mean over dimensions. */
  readonly deviation?: number;
};

/** The kNN accuracy at one epoch of the training. */
export type KnnPoint = {
  readonly epoch: number;
  /** Share predicted right at the first place, in [0, 1]. */
  readonly top1: number;
};

/** All that the report shows. The report is a pure function of it. */
export type ReportData = {
  readonly title: string;
  readonly summary: Summary;
  /** Logged steps, in order. Long runs are thinned for the charts. */
  readonly curves: readonly CurvePoint[];
  /** The kNN checks during training, in order. */
  readonly knn: readonly KnnPoint[];
  /** What bank and settings the checks during training used, where they differ from the final ones. */
  readonly knnNote?: string;
  /** Test images with their nearest training images. */
  readonly gallery: readonly GalleryRow[];
  /** The run's configuration, as it was read. */
  readonly config: unknown;
};
