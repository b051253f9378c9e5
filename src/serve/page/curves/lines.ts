/**
 * The lines of a chart: one for each curve of each run.
 *
 * @module
 */
import type { ChartKind, CurveKind } from "./chart_kinds.ts";

/** What the horizontal axis counts. */
export type Across = "step" | "epoch";

/** The curves of a run: the step and the epoch of every row, and the values of some curves. */
export type RunCurves = {
  readonly generation: number;
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
  readonly values: ReadonlyMap<string, readonly number[]>;
};

/** A line. */
export type Line = {
  readonly run: number;
  readonly kind: CurveKind;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** The values that are drawn in front: smoothed ones where the reader wants it. */
  readonly smoothed: readonly number[];
};

/**
 * The lines of a chart.
 *
 * @param kind The chart.
 * @param curves The curves of each run, by its place.
 * @param drawn The places of the runs that are drawn.
 * @param across What the horizontal axis counts.
 * @param weight How much a value is smoothed, 0 to 1.
 */
export function linesOf(
  kind: ChartKind,
  curves: ReadonlyMap<number, RunCurves>,
  drawn: readonly number[],
  across: Across,
  weight: number,
): readonly Line[] {
  return kind.curves.flatMap((curve) =>
    drawn.flatMap((run) => {
      const held = curves.get(run);
      const values = held?.values.get(curve.name);
      if (held === undefined || values === undefined) return [];
      const places = across === "step" ? held.steps : held.epochs;
      const xs: number[] = [];
      const ys: number[] = [];
      values.forEach((value, row) => {
        if (Number.isNaN(value) || Number.isNaN(places[row])) return;
        xs.push(places[row]);
        ys.push(value);
      });
      if (xs.length === 0) return [];
      return [{ run, kind: curve, xs, ys, smoothed: curve.style === "line" ? smoothed(ys, weight) : ys }];
    })
  );
}

/**
 * Values of which each is the mean of those before it, the older the less: m_t = w m_(t-1) + (1 - w) y_t, divided by
 * 1 - w^t so that the zero at the beginning does not count.
 *
 * @param values The values.
 * @param weight w, 0 for none and below 1.
 */
export function smoothed(values: readonly number[], weight: number): readonly number[] {
  if (weight <= 0) return values;
  let mean = 0;
  let zero = 1;
  return values.map((value) => {
    mean = weight * mean + (1 - weight) * value;
    zero *= weight;
    return mean / (1 - zero);
  });
}

/** The place of the value that is nearest to a place on the horizontal axis. */
export function nearest(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low;
}

/**
 * A line as the path of an SVG. Of the values within one pixel the least and the greatest are drawn, so that no spike
 * is lost.
 */
export function pathOf(
  xs: readonly number[],
  ys: readonly number[],
  across: (x: number) => number,
  down: (y: number) => number,
): string {
  const parts: string[] = [];
  let pixel = NaN;
  let [least, greatest, last] = [0, 0, 0];
  const end = (): void => {
    if (Number.isNaN(pixel)) return;
    for (const value of least === greatest ? [last] : [least, greatest, last]) {
      parts.push(`${pixel} ${value.toFixed(1)}`);
    }
  };
  for (let at = 0; at < xs.length; at++) {
    const y = down(ys[at]);
    if (!Number.isFinite(y)) continue; // 0 has no logarithm
    const place = Math.round(2 * across(xs[at])) / 2;
    if (place === pixel) {
      [least, greatest, last] = [Math.min(least, y), Math.max(greatest, y), y];
      continue;
    }
    end();
    [pixel, least, greatest, last] = [place, y, y, y];
  }
  end();
  return parts.length === 0 ? "" : `M${parts.join("L")}`;
}
