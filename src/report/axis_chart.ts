import { draw, inks, legendColumns, shapes } from "./draw.ts";

/** A value and the spread of its repetitions. */
export type Bar = { readonly at: string; readonly mean: number; readonly least: number; readonly greatest: number };

/** The characters that fit below the axis side by side; more are written aslant, and take more room. */
const widestLabels = 64;

/** What is measured at each of a few named places, such as the values of a parameter. */
export type AxisChart = {
  /** How values are drawn: joined by lines, where the places have an order, or as bars. */
  readonly kind: "line" | "bars";
  /** Title of the horizontal axis. */
  readonly x: string;
  /** Title of the vertical axis, with its unit. */
  readonly y: string;
  /** The places, in order. */
  readonly places: readonly string[];
  readonly series: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
};

/**
 * Values over named places as SVG, with a rule from the least to the greatest repetition of each.
 *
 * @param chart What to draw.
 * @returns An `<svg>` element that takes its colours from the page.
 */
export function axisChart({ kind, x, y, places, series }: AxisChart): Promise<string> {
  const domain = series.map(({ name }) => name);
  const aslant = places.length * Math.max(0, ...places.map(({ length }) => length)) > widestLabels;
  const legend = domain.length < 2
    ? null
    : { title: null, orient: "top" as const, columns: legendColumns(domain), symbolSize: 90 };
  const values = series.flatMap(({ name, bars }) => bars.map((bar) => ({ series: name, ...bar })));
  const horizontal = {
    field: "at",
    type: "nominal" as const,
    title: x,
    sort: [...places],
    scale: { domain: [...places] },
    axis: { labelAngle: aslant ? -35 : 0 },
  };
  const color = {
    field: "series",
    type: "nominal" as const,
    scale: { domain, range: domain.map((_, i) => inks[i % inks.length]) },
    legend,
  };
  const beside = kind === "bars" ? { xOffset: { field: "series", type: "nominal" as const, sort: domain } } : {};
  const vertical = {
    field: "mean",
    type: "quantitative" as const,
    title: y,
    scale: { zero: kind === "bars" },
    axis: { tickCount: 5 },
  };
  const encoding = { x: horizontal, y: vertical, color, ...beside };
  return draw({
    width: 470,
    height: aslant ? 350 : 270,
    autosize: { type: "fit", contains: "padding" },
    data: { values },
    layer: [
      ...(kind === "bars" ? [{ mark: { type: "bar" as const }, encoding }] : [
        { mark: { type: "line" as const, strokeWidth: 1.8 }, encoding },
        {
          mark: { type: "point" as const, filled: true, size: 64, opacity: 1 },
          encoding: {
            ...encoding,
            shape: {
              field: "series",
              type: "nominal" as const,
              scale: { domain, range: domain.map((_, i) => shapes[i % shapes.length]) },
              legend,
            },
          },
        },
      ]),
      {
        mark: { type: "rule", strokeWidth: 1.5, ...(kind === "bars" ? { color: "var(--ink)" } : {}) },
        encoding: {
          x: horizontal,
          ...beside,
          y: { field: "least", type: "quantitative", title: y },
          y2: { field: "greatest" },
          ...(kind === "bars" ? { detail: { field: "series" } } : { color }),
        },
      },
    ],
  });
}
