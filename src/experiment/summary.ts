/**
 * From the results of cells to what an experiment found.
 *
 * @module
 */
import type { CellResult } from "./cell_result.ts";
import { combinations } from "./grid.ts";
import type { MeasureName } from "./measures.ts";
import type { Experiment, Scale } from "./types.ts";

/** Repetitions of one value. */
export type Spread = {
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
  /** The standard deviation of a sample; absent where there is one value. */
  readonly deviation?: number;
  /** How many values. */
  readonly count: number;
};

/** One combination of the axes' values over all seeds. */
export type Row = {
  /** The label of each axis' value, by the axis' name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly finished: number;
  readonly failed: number;
  readonly values: Readonly<Partial<Record<MeasureName, Spread>>>;
  /** The differences from the experiment's reference in its first measure, over the seeds that both have. */
  readonly difference?: Spread;
};

/**
 * A row for each combination that has a result, in the order of the axes.
 *
 * @param experiment The experiment.
 * @param scale The scale at which it ran. A label may stand for one value at a scale and for another one elsewhere.
 * @param results What its cells found.
 */
export function rowsOf(experiment: Experiment, scale: Scale, results: readonly CellResult[]): readonly Row[] {
  const { axes, measures } = experiment;
  return combinations(axes, scale).flatMap((variants) => {
    const labels = Object.fromEntries(axes.map(({ name }, i) => [name, variants[i].label]));
    const own = withLabels(results, labels);
    const differences = differencesOf(experiment, own, results);
    const finished = own.filter(({ state }) => state === "finished");
    const values = measures.flatMap((name) => {
      const found = finished.flatMap((result) => result.values[name] ?? []);
      return found.length === 0 ? [] : [[name, spreadOf(found)]];
    });
    return own.length === 0 ? [] : [{
      labels,
      finished: finished.length,
      failed: own.length - finished.length,
      values: Object.fromEntries(values),
      ...differences.length === 0 ? {} : { difference: spreadOf(differences) },
    }];
  });
}

/**
 * The first measure of each result less that of the reference with the same seed: what the seed changes for both drops
 * out.
 */
function differencesOf(
  { reference, measures: [measure] }: Experiment,
  own: readonly CellResult[],
  all: readonly CellResult[],
): readonly number[] {
  const theirs = reference === undefined ? [] : withLabels(all, reference).filter((result) => !own.includes(result));
  return own.flatMap(({ seed, values: { [measure]: value } }) => {
    const base = theirs.find((result) => result.seed !== undefined && result.seed === seed)?.values[measure];
    return value === undefined || base === undefined ? [] : [value - base];
  });
}

function withLabels(results: readonly CellResult[], labels: Row["labels"]): readonly CellResult[] {
  return results.filter((result) => Object.entries(labels).every(([axis, label]) => result.labels[axis] === label));
}

/**
 * The mean of values and how far they lie apart.
 *
 * @param values One or more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spreadOf } from "./summary.ts";
 *
 * assertEquals(spreadOf([1, 2, 3]), { mean: 2, least: 1, greatest: 3, deviation: 1, count: 3 });
 * ```
 */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    least: Math.min(...values),
    greatest: Math.max(...values),
    ...count < 2 ? {} : { deviation: Math.sqrt(squares / (count - 1)) },
    count,
  };
}
