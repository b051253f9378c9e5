/**
 * How the reader looks at the curves: the axes, the smoothing, and the step whose values are read. All of it is in the
 * address.
 *
 * @module
 */
import { inAddress, numberInAddress, textInAddress } from "../state/address.ts";
import { formatNumber } from "../format.ts";
import type { ChartKind } from "./chart_kinds.ts";
import type { Across, Line } from "./lines.ts";

/** What the horizontal axes count. */
export const across = inAddress<Across>("x", "step", {
  read: (text) => text === "epoch" || text === "step" ? text : undefined,
  write: (value) => value,
});

/** How much the curves are smoothed, 0 to below 1. */
export const smoothing = numberInAddress("smooth", 0);

/** Whether axes are logarithmic where that says more. */
export const isLog = inAddress("log", false, { read: (text) => text === "yes", write: (on) => on ? "yes" : "" });

/** Where the values are read, in what the horizontal axes count; -1 for the end of every run. */
export const cursor = numberInAddress("read", -1);

/** A curve that is shown beside those that always are; empty for none. */
export const more = textInAddress("curve");

/** A value of a chart as the reader knows it. */
export function formatReading({ isShare }: ChartKind, value: number): string {
  return isShare ? `${(100 * value).toFixed(1)} %` : formatNumber(Number(value.toPrecision(4)));
}

/** A place on the horizontal axis as the reader knows it: "step 1,200", "epoch 2.5". */
export function formatPlace(x: number): string {
  return `${across.value} ${across.value === "step" ? Math.round(x).toLocaleString("en") : Number(x.toFixed(2))}`;
}

/** What a line is called: by its run, and by its curve where the chart has several. */
export function labelOf({ kind: { label } }: Line, run: string): string {
  return label === undefined ? run : `${run}, ${label}`;
}

/** The colour of a run's lines. */
export function colourOf(run: number): string {
  return `var(--series-${run % 6 + 1})`;
}

/** The dashes of a line: those of a comparison, or of a run whose colour another one has already. */
export function dashesOf({ run, kind: { style } }: Line): string | undefined {
  return style === "dashed" ? "6 4" : run >= 6 ? "2 3" : undefined;
}
