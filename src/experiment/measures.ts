/**
 * What can be measured of a cell once its training has ended.
 *
 * @module
 */
import { median } from "../core/median.ts";
import type { Config } from "../config/types.ts";
import type { Result } from "../report/summary.ts";
import type { MetricsRecord } from "../train/metrics_log.ts";

/** What a finished cell left. */
export type Evidence = {
  readonly config: Config;
  /** The log of its training. */
  readonly records: readonly MetricsRecord[];
  /** The evaluation of the trained encoder, then of the baselines where they were asked for. */
  readonly results: readonly Result[];
};

/** One measure. */
export type Measure = {
  readonly title: string;
  /** Shares, in [0, 1], are written as percentages, seconds with milliseconds. */
  readonly unit: "share" | "number" | "seconds";
  /** What it needs from the evaluation besides kNN. */
  readonly needs?: "linear" | "baselines";
  readonly of: (evidence: Evidence) => number | undefined;
};

const table = {
  knn: { title: "kNN", unit: "share", of: ({ results }) => results[0].knn.top1 },
  linear: { title: "linear", unit: "share", needs: "linear", of: ({ results }) => results[0].linear?.top1 },
  randomKnn: {
    title: "kNN, random weights",
    unit: "share",
    needs: "baselines",
    of: ({ results }) => results[1]?.knn.top1,
  },
  randomLinear: {
    title: "linear, random weights",
    unit: "share",
    needs: "baselines",
    of: ({ results }) => results[1]?.linear?.top1,
  },
  contrast: { title: "contrast accuracy", unit: "share", of: ({ records }) => lastEpoch(records, "accuracy") },
  imagesPerSecond: {
    title: "images/s",
    unit: "number",
    of: ({ records }) => imagesPerSecond(records),
  },
  secondsPerStep: {
    title: "seconds a step",
    unit: "seconds",
    of: ({ config, records }) => {
      const rate = imagesPerSecond(records);
      return rate === undefined ? undefined : config.training.batch / rate;
    },
  },
  batch: { title: "batch", unit: "number", of: ({ config }) => config.training.batch },
  epochs: { title: "epochs", unit: "number", of: ({ config }) => config.training.epochs },
} as const satisfies Readonly<Record<string, Measure>>;

/** The name of a measure. */
export type MeasureName = keyof typeof table;

/** Every measure by name. */
export const measures: Readonly<Record<MeasureName, Measure>> = table;

/** The mean of a metric over the lines of the last epoch: a single step's says little. */
function lastEpoch(records: readonly MetricsRecord[], metric: string): number | undefined {
  const end = records.at(-1)?.epoch ?? 0;
  const values = records.flatMap(({ epoch, metrics }) => {
    const value = metrics?.[metric];
    return epoch > end - 1 && value !== undefined ? [value] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The median over the lines: other work on the machine affects few of them. */
function imagesPerSecond(records: readonly MetricsRecord[]): number | undefined {
  const rates = records.flatMap(({ imagesPerSecond: rate }) => rate === undefined ? [] : [rate]);
  return rates.length === 0 ? undefined : median(rates);
}
