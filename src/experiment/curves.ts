/**
 * Curves from the log of a training.
 *
 * @module
 */
import type { MetricsRecord } from "../train/metrics_log.ts";
import type { CurvesFigure } from "./types.ts";

/**
 * The points that a figure draws of one training.
 *
 * @param records The log.
 * @param figure Which of the names is meant, and over what.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { curveOf } from "./curves.ts";
 *
 * const records = [{ step: 1, epoch: 0.5, metrics: { "norm.a.x": 3, "norm.a.y": 4, "norm.ab": 9 } }];
 * assertEquals(curveOf(records, { over: "step", of: ["norm.first", "norm.a"] }), [[1, 5]]);
 * ```
 */
export function curveOf(
  records: readonly MetricsRecord[],
  { over, of }: Pick<CurvesFigure, "over" | "of">,
): readonly (readonly [x: number, y: number])[] {
  const curve = (name: string): readonly (readonly [number, number])[] =>
    records.flatMap((record): (readonly [number, number])[] => {
      const value = valueOf({ ...record.metrics, ...record.evaluation }, name);
      return value === undefined ? [] : [[record[over], value]];
    });
  return of.map(curve).find((points) => points.length > 0) ?? [];
}

/** The number of a name, or the Euclidean norm of the numbers whose names begin with it and a dot. */
function valueOf(numbers: Readonly<Record<string, number>>, name: string): number | undefined {
  if (numbers[name] !== undefined) return numbers[name];
  const below = Object.keys(numbers).filter((other) => other.startsWith(`${name}.`));
  return below.length === 0 ? undefined : Math.hypot(...below.map((other) => numbers[other]));
}
