/**
 * How charts are drawn: one theme for all, in colours that the page gives.
 *
 * @module
 */
import type { TopLevelSpec } from "../dependencies/vega.ts";

/** The colours of series: custom properties, which the page's style sheet defines for light and dark. */
export const inks: readonly string[] = ["var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)"];
/** The shapes of points, in the order of the colours. */
export const shapes: readonly string[] = ["circle", "square", "diamond", "triangle-up"];
/** The colour of series that are there for comparison. */
export const comparisonInk = "var(--muted)";
/** Dashes of lines that share a colour. */
export const dashes: readonly (readonly number[])[] = [[6, 4], [2, 3], [8, 3, 2, 3]];

/** Columns of a legend above a chart: long names need its whole width. */
export function legendColumns(names: readonly string[]): 1 | 2 {
  return names.every((name) => name.length <= 20) ? 2 : 1;
}

/** A chart as an `<svg>` element. Vega is loaded with the first chart, not with the library. */
export async function draw(spec: TopLevelSpec): Promise<string> {
  const { compile, vega } = await import("../dependencies/vega.ts");
  const text = { labelColor: "var(--muted)", titleColor: "var(--ink)", labelFontSize: 12, titleFontSize: 12 };
  const { spec: compiled } = compile({
    ...spec,
    background: "transparent",
    padding: 4,
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        ...text,
        titleFontWeight: 500,
        titlePadding: 8,
        gridColor: "var(--line)",
        domainColor: "var(--line)",
        tickColor: "var(--line)",
      },
      legend: { ...text, labelColor: "var(--ink)", labelLimit: 0 },
    },
  });
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
