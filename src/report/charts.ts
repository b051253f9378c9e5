import { comparisonInk, dashes, draw, inks, shapes } from "./draw.ts";

/** A line of a chart. */
export type Series = {
  readonly name: string;
  /** x and y of each point, in order. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn dashed and grey: a line to compare with, not a measurement of the training. */
  readonly comparison?: boolean;
  /** Mark each point, for a series of few of them. */
  readonly dots?: boolean;
};

/** What a line chart shows. */
export type LineChart = {
  /** Title of the horizontal axis, with its unit. */
  readonly x: string;
  /** Title of the vertical axis, with its unit. */
  readonly y: string;
  readonly series: readonly Series[];
  /** Whether the vertical axis starts at zero. */
  readonly zero?: boolean;
  /** Format of the vertical axis' labels, in d3-format's language. */
  readonly format?: string;
};

/** A share of each class for each series, as dots on one line for each class. */
export type DotChart = {
  readonly x: string;
  readonly classes: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly format?: string;
};

/**
 * A line chart as SVG. Lines differ by colour and, where they are comparisons, by dashes.
 *
 * @param chart What to draw.
 * @returns An `<svg>` element that takes its colours from the page.
 */
export function lineChart(chart: LineChart): Promise<string> {
  const { series } = chart;
  const measured = series.filter((one) => !one.comparison);
  const compared = series.filter((one) => one.comparison);
  const domain = series.map((one) => one.name);
  const color = series.map((one) => one.comparison ? comparisonInk : inks[measured.indexOf(one) % inks.length]);
  const dash = series.map((one) => one.comparison ? dashes[compared.indexOf(one) % dashes.length] : [1, 0]);
  const legend = series.length < 2
    ? null
    : { title: null, orient: "top" as const, symbolType: "stroke", symbolSize: 260, columns: 2 };
  const encoding = {
    x: { field: "x", type: "quantitative" as const, title: chart.x, scale: { nice: false }, axis: { grid: false } },
    y: {
      field: "y",
      type: "quantitative" as const,
      title: chart.y,
      scale: { zero: chart.zero ?? false },
      axis: { tickCount: 5, ...(chart.format === undefined ? {} : { format: chart.format }) },
    },
    color: { field: "series", type: "nominal" as const, scale: { domain, range: color }, legend },
    strokeDash: { field: "series", type: "nominal" as const, scale: { domain, range: dash }, legend },
  };
  const rows = (chosen: readonly Series[]) =>
    chosen.flatMap((one) => one.points.map(([x, y]) => ({ series: one.name, x, y })));
  const dotted = series.filter((one) => one.dots);
  return draw({
    width: 470,
    height: 270,
    autosize: { type: "fit", contains: "padding" },
    data: { values: rows(series) },
    layer: [
      { mark: { type: "line", strokeWidth: 1.8, strokeJoin: "round" }, encoding },
      {
        data: { values: rows(dotted) },
        mark: { type: "point", filled: true, size: 36, opacity: 1 },
        encoding: { x: encoding.x, y: encoding.y, color: encoding.color },
      },
    ],
  });
}

/**
 * Dots on one line for each class, as SVG. Series differ by colour and by shape.
 *
 * @param chart What to draw.
 * @returns An `<svg>` element that takes its colours from the page.
 */
export function dotChart(chart: DotChart): Promise<string> {
  const classes = chart.classes.map(plottable);
  const values = chart.series.flatMap(({ name, values }) =>
    values.map((value, i) => ({ series: name, class: classes[i], value })) // no dot is drawn for null
  );
  const domain = chart.series.map(({ name }) => name);
  const legend = { title: null, orient: "top" as const, columns: 2, symbolSize: 90 };
  const y = { field: "class", type: "nominal" as const, title: null, sort: classes };
  return draw({
    width: 900,
    autosize: { type: "fit", contains: "padding" },
    height: 90 + 26 * chart.classes.length,
    data: { values },
    layer: [
      {
        mark: { type: "rule", stroke: "var(--line)", strokeWidth: 2 },
        encoding: {
          y,
          x: { aggregate: "min", field: "value", type: "quantitative" },
          x2: { aggregate: "max", field: "value" },
        },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: {
          y,
          x: {
            field: "value",
            type: "quantitative",
            title: chart.x,
            scale: { zero: false },
            axis: { tickCount: 6, ...(chart.format === undefined ? {} : { format: chart.format }) },
          },
          color: { field: "series", type: "nominal", scale: { domain, range: inks.slice(0, domain.length) }, legend },
          shape: { field: "series", type: "nominal", scale: { domain, range: shapes.slice(0, domain.length) }, legend },
        },
      },
    ],
  });
}

/**
 * A name that Vega can draw. It keeps what it draws in plain objects by name, where "constructor" is something else
 * already; an invisible character tells them apart.
 */
function plottable(name: string): string {
  return name in {} ? `${name}\u200b` : name;
}

/**
 * At most `most` of the points, evenly spaced, the first and the last among them.
 *
 * @param points Any points, in order.
 * @param most 2 or more.
 */
export function thin<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round(i * (points.length - 1) / (most - 1))]);
}
