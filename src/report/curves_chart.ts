import { dashes, draw, inks, legendColumns } from "./draw.ts";

/** A curve; several may have one name, as repetitions do. */
export type Curve = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };

/** Curves of repeated runs. */
export type CurvesChart = {
  /** Title of the horizontal axis, with its unit. */
  readonly x: string;
  /** Title of the vertical axis, with its unit. */
  readonly y: string;
  readonly curves: readonly Curve[];
  /** Whether the vertical axis is logarithmic: values of 0 are left out. */
  readonly log?: boolean;
};

/** The most points that a curve is drawn with: more than the pixels can show. */
const POINTS = 600;

/**
 * Curves as SVG; those with the same name have the same colour. Each repetition is a line of its own, since a mean
 * would hide its spikes.
 *
 * @param chart What to draw.
 * @returns An `<svg>` element that takes its colours from the page.
 */
export function curvesChart({ x, y, curves, log = false }: CurvesChart): Promise<string> {
  const domain = [...new Set(curves.map(({ name }) => name))];
  const repeated = curves.length > domain.length;
  const legend = domain.length < 2
    ? null
    : { title: null, orient: "top" as const, symbolType: "stroke", symbolSize: 260, columns: legendColumns(domain) };
  const dash = domain.map((_, i) => i < inks.length ? [1, 0] : [...dashes[(i - inks.length) % dashes.length]]);
  return draw({
    width: 470,
    height: 270,
    autosize: { type: "fit", contains: "padding" },
    data: {
      values: curves.flatMap(({ name, points }, repetition) =>
        extremes(log ? points.filter(([, value]) => value > 0) : points, POINTS)
          .map(([x, y]) => ({ series: name, repetition, x, y }))
      ),
    },
    mark: { type: "line", strokeWidth: repeated ? 1.2 : 1.8, strokeJoin: "round", opacity: repeated ? 0.75 : 1 },
    encoding: {
      x: { field: "x", type: "quantitative", title: x, scale: { nice: false }, axis: { grid: false } },
      y: {
        field: "y",
        type: "quantitative",
        title: y,
        scale: log ? { type: "log" } : { zero: false },
        axis: { tickCount: 5 },
      },
      color: {
        field: "series",
        type: "nominal",
        scale: { domain, range: domain.map((_, i) => inks[i % inks.length]) },
        legend,
      },
      strokeDash: { field: "series", type: "nominal", scale: { domain, range: dash }, legend },
      detail: { field: "repetition", type: "nominal" },
    },
  });
}

/**
 * At most about `most` of the points: the least and the greatest of each stretch, so that no spike is lost.
 *
 * @param points Points in order.
 * @param most 2 or more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { extremes } from "./curves_chart.ts";
 *
 * assertEquals(extremes([[0, 1], [1, 9], [2, 3], [3, 4], [4, 0], [5, 2]], 4), [[0, 1], [1, 9], [3, 4], [4, 0]]);
 * ```
 */
export function extremes(points: Curve["points"], most: number): Curve["points"] {
  if (points.length <= most) return points;
  const stretches = Math.max(1, Math.floor(most / 2));
  return Array.from({ length: stretches }, (_, i) => {
    const from = Math.floor(i * points.length / stretches);
    const stretch = points.slice(from, Math.floor((i + 1) * points.length / stretches));
    const order = stretch.map(([, value], place) => [value, place] as const).sort(([a], [b]) => a - b);
    return [...new Set([order[0][1], order[order.length - 1][1]])].sort((a, b) => a - b).map((place) => stretch[place]);
  }).flat();
}
