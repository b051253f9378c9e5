/**
 * The file of metrics: one JSON record a line, in the order of steps.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { writing } from "../files/attempt.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { type OpenFile, writeAll, writeTextAtomic } from "../files/atomic.ts";

/** One line: the metrics of a step, or an evaluation after it. */
export type MetricsRecord = {
  /** Steps taken so far. */
  readonly step: number;
  /** Epochs done so far, with the fraction of the one in progress. */
  readonly epoch: number;
  /** What the step measured, by name (`loss` and `chance` in nats); on a line of metrics. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Images a second since the line before; on a line of metrics. */
  readonly imagesPerSecond?: number;
  /** What the evaluation found, by name; on a line of an evaluation. */
  readonly evaluation?: Readonly<Record<string, number>>;
};

/**
 * The records of a file's text. A line that was cut off while it was written is left out.
 *
 * @param text The text of `metrics.jsonl`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseMetrics } from "@momentum-contrast/moco";
 *
 * const text = '{"step":10,"epoch":0.5,"metrics":{"loss":6.9}}\n{"step":20,"ep';
 * assertEquals(parseMetrics(text), [{ step: 10, epoch: 0.5, metrics: { loss: 6.9 } }]);
 * ```
 */
export function parseMetrics(text: string): readonly MetricsRecord[] {
  return text.split("\n").flatMap((line) => {
    const parsed = parseJson(line);
    return Either.isRight(parsed) && isMetrics(parsed.right) ? [parsed.right] : [];
  });
}

function isMetrics(value: unknown): value is MetricsRecord {
  return isRecord(value) && typeof value.step === "number";
}

/** The lines of a file's text up to a step. */
export function truncateMetrics(text: string, step: number): string {
  return renderMetrics(parseMetrics(text).filter((record) => record.step <= step));
}

/** Records as the text of a file. */
export function renderMetrics(records: readonly MetricsRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** An open file of metrics. */
export type MetricsLog = {
  /** Adds a line. */
  readonly append: (record: MetricsRecord) => TaskEither<UnwritableFile, void>;
  /** Makes what was added last through a loss of power. */
  readonly sync: () => TaskEither<UnwritableFile, void>;
  readonly close: () => void;
};

/**
 * Opens the file of metrics to add lines after `step`: what a run that was interrupted wrote beyond it is cut off.
 *
 * @param path The file; its folder exists.
 * @param step The step that the run stands at.
 * @param open How files are opened to be replaced.
 */
export function openMetricsLog(
  path: string,
  step: number,
  open?: OpenFile,
): TaskEither<UnwritableFile, MetricsLog> {
  const attempt = <A>(action: () => Promise<A>): TaskEither<UnwritableFile, A> => writing(path, action);
  return pipe(
    attempt(() => Deno.readTextFile(path).catch(emptyWhereAbsent)),
    TaskEither.flatMap((text) => writeTextAtomic(path, step === 0 ? "" : truncateMetrics(text, step), open)),
    TaskEither.flatMap(() => attempt(() => Deno.open(path, { append: true }))),
    TaskEither.map((file) => ({
      append: (record) => attempt(() => writeAll(file, new TextEncoder().encode(renderMetrics([record])))),
      sync: () => attempt(() => file.syncData()),
      close: () => file.close(),
    })),
  );
}

function emptyWhereAbsent(thrown: unknown): string {
  if (thrown instanceof Deno.errors.NotFound) return "";
  throw thrown;
}
