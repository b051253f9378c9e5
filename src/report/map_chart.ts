import type { TopLevelSpec } from "../dependencies/vega.ts";
import { draw } from "./draw.ts";

/** A point of a map. */
export type MapPoint = {
  readonly x: number;
  readonly y: number;
  /** What it is coloured by: a name, or a number. Absent: nothing is known. */
  readonly value?: string | number;
};

/** Width and height of a map, pixels. */
const SIDE = 640;

/**
 * A map of points as an `<svg>` element, with a legend for their colours if they have any. Where the colours stand for
 * numbers, a point without one is grey.
 *
 * @param points The points. Those that come later lie over those before.
 * @param title What the colours mean.
 */
export function mapChart(points: readonly MapPoint[], title: string): Promise<string> {
  const known = points.filter(({ value }) => value !== undefined);
  const isNumber = known.length > 0 && known.every(({ value }) => typeof value === "number");
  const names = new Set(known.map(({ value }) => value));
  const scheme = isNumber ? "viridis" : names.size <= 10 ? "tableau10" : "tableau20";
  const color = known.length === 0 ? { value: "var(--series-1)" } : {
    field: "value",
    type: isNumber ? "quantitative" : "nominal",
    title,
    scale: { scheme },
    legend: { symbolOpacity: 1, symbolSize: 60 },
  };
  const hidden = { axis: null, scale: { zero: false, nice: false } };
  const places = {
    x: { field: "x", type: "quantitative", ...hidden },
    y: { field: "y", type: "quantitative", ...hidden },
  };
  const mark = { type: "circle", size: Math.max(1.5, Math.min(30, 90_000 / points.length)), opacity: 0.6 };
  const coloured = isNumber ? known : points;
  // Vega draws no point whose number is missing.
  const others = isNumber ? points.filter(({ value }) => value === undefined) : [];
  return draw({
    width: SIDE,
    height: SIDE,
    layer: [
      ...others.length === 0
        ? []
        : [{ data: { values: others }, mark: { ...mark, color: "var(--muted)" }, encoding: places }],
      {
        data: { values: coloured.map(({ x, y, value }) => ({ x, y, value: value ?? "none" })) },
        mark,
        encoding: { ...places, color },
      },
    ],
  } as TopLevelSpec);
}
