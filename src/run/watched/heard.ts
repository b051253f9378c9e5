/**
 * The alarms of a run, heard again from its file.
 *
 * @module
 */
import { isRecord } from "../../files/json.ts";
import { type Alarms, noAlarms, observe } from "../../train/alarms.ts";
import type { MetricsRecord } from "../../train/metrics_log.ts";

/** What was heard of a run, line by line. */
export type HeardSoFar = {
  readonly alarms: Alarms;
  /** What must be said, in words. */
  readonly texts: readonly string[];
  /** The metrics of the last line that had some. */
  readonly metrics: Readonly<Record<string, number>>;
};

/** Nothing was heard yet. */
export const nothingHeard: HeardSoFar = { alarms: noAlarms, texts: [], metrics: {} };

/** What is heard with one more line of the run's file. */
export function heardWith(before: HeardSoFar, record: MetricsRecord): HeardSoFar {
  const { step, epoch, evaluation } = record;
  const isMeasured = isRecord(record.metrics);
  const metrics = isMeasured ? finite(record.metrics) : before.metrics;
  const knn = isRecord(evaluation) ? finite(evaluation).knn : undefined;
  const perEpoch = epoch > 0 ? step / epoch : step;
  const { alarms, texts } = observe(before.alarms, {
    step,
    perEpoch,
    // The norms of a step count once: an evaluation after it measured none.
    metrics: isMeasured ? metrics : withoutNorms(metrics),
    ...knn === undefined ? {} : { knn },
  });
  // An evaluation hears no norms, and forgets none.
  return {
    alarms: isMeasured ? alarms : { ...alarms, usual: before.alarms.usual },
    texts: [...before.texts, ...texts],
    metrics,
  };
}

function finite(values: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

function withoutNorms(metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith("gradientNorm")));
}
