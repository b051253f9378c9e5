/**
 * What a run measured so far, as curves.
 *
 * @module
 */
import { isRecord } from "../../files/json.ts";
import type { MetricsRecord } from "../../train/metrics_log.ts";

/** The most curves of a run, and the longest name of one. A file with more is not one that a training wrote. */
const [MOST, LONGEST] = [1000, 200];

/** Curves that grow. They have a row for each line of the run's file. */
export type Curves = {
  /** Adds a line. Where it goes back, what was measured from its step on is forgotten. */
  readonly add: (record: MetricsRecord) => void;
  /** Forgets everything. */
  readonly clear: () => void;
  /** Changes whenever rows are forgotten. */
  readonly generation: () => number;
  /** How many rows there are. */
  readonly count: () => number;
  /** The names of the curves, in the order in which they came. */
  readonly names: () => readonly string[];
  /** The last value of a curve. */
  readonly last: (name: string) => number | undefined;
  /** The step and the epoch of the last row. */
  readonly end: () => { readonly step: number; readonly epoch: number } | undefined;
  /**
   * Rows from one on, one after another: the step, the epoch, and the values of some curves. What a row does not have
   * is not a number.
   */
  readonly rows: (from: number, names: readonly string[]) => Float64Array<ArrayBuffer>;
};

/** No curves yet. */
export function curves(): Curves {
  const steps: number[] = [];
  const epochs: number[] = [];
  const columns = new Map<string, number[]>();
  let generation = 0;
  const cut = (count: number): void => {
    if (count === steps.length) return;
    generation++;
    for (const column of [steps, epochs, ...columns.values()]) column.length = Math.min(column.length, count);
    if (count === 0) columns.clear();
  };
  return {
    add: (record) => {
      const { step } = record;
      if (!Number.isSafeInteger(step) || step < 0) return;
      if (step < (steps.at(-1) ?? 0)) cut(steps.findIndex((known) => known >= step));
      const row = steps.push(step) - 1;
      epochs.push(Number.isFinite(record.epoch) ? record.epoch : NaN);
      for (const [name, value] of valuesOf(record)) {
        const known = columns.get(name);
        if (known === undefined && (columns.size === MOST || name.length > LONGEST)) continue;
        const column = known ?? [];
        columns.set(name, column);
        while (column.length < row) column.push(NaN);
        column.push(value);
      }
    },
    clear: () => cut(0),
    generation: () => generation,
    count: () => steps.length,
    names: () => [...columns.keys()],
    last: (name) => columns.get(name)?.findLast((value) => !Number.isNaN(value)),
    end: () => steps.length === 0 ? undefined : { step: steps.at(-1)!, epoch: epochs.at(-1)! },
    rows: (from, names) => {
      const chosen = [steps, epochs, ...names.map((name) => columns.get(name) ?? [])];
      const values = new Float64Array(Math.max(0, steps.length - from) * chosen.length);
      for (let row = from, at = 0; row < steps.length; row++) {
        for (const column of chosen) values[at++] = column[row] ?? NaN;
      }
      return values;
    },
  };
}

/** The numbers of a line by the names of their curves: those of an evaluation are told apart from those of a step. */
function valuesOf({ metrics, evaluation, imagesPerSecond }: MetricsRecord): readonly (readonly [string, number])[] {
  const named = [
    ...isRecord(metrics) ? Object.entries(metrics) : [],
    ...isRecord(evaluation)
      ? Object.entries(evaluation).map(([name, value]) => [`evaluation.${name}`, value] as const)
      : [],
    ["imagesPerSecond", imagesPerSecond] as const,
  ];
  return named.filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
}
