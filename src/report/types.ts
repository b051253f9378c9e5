import type { GalleryRow } from "./gallery.ts";
import type { MetricsRecord } from "../train/metrics_log.ts";
import type { Summary } from "./summary.ts";

/** All that the report shows. The report is a pure function of it. */
export type ReportData = {
  readonly title: string;
  readonly summary: Summary;
  /**
   * The log of the run, in order: metrics of steps (`loss`, `chance`, `accuracy`, `accuracyTop5`, `realKeys`,
   * `featureStd`, `gradientNorm`, `gradientNorm.<layer>`, `learningRate`; one that is absent gets no chart) and
   * evaluations (`knn`). Long runs are thinned for the charts.
   */
  readonly records: readonly MetricsRecord[];
  /** How the kNN checks during training were taken, where it differs from the final one: a sentence. */
  readonly knnNote?: string;
  /** Test images with their nearest training images. */
  readonly gallery: readonly GalleryRow[];
  /** The run's configuration, as it was read. */
  readonly config: unknown;
};
