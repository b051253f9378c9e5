/**
 * The figures of an experiment as charts.
 *
 * @module
 */
import { axisChart, type Bar } from "../report/axis_chart.ts";
import { type Curve, curvesChart } from "../report/curves_chart.ts";
import { short } from "../report/format.ts";
import type { MetricsRecord } from "../train/metrics_log.ts";
import { curveOf } from "./curves.ts";
import { agrees } from "./grid.ts";
import { type MeasureName, measures } from "./measures.ts";
import type { Row } from "./summary.ts";
import type { Axis, AxisFigure, CurvesFigure, Experiment, Paper } from "./types.ts";

/** A figure that is drawn. */
export type Drawn = {
  readonly title: string;
  /** An `<svg>` element in the page's colours. */
  readonly svg: string;
  /** What it shows, for readers who cannot see it. */
  readonly label: string;
};

/** What a cell is in figures: its labels and the log of its training. */
export type Logged = { readonly labels: Row["labels"]; readonly records: readonly MetricsRecord[] };

/** Every figure of an experiment for which something was measured. */
export async function figuresOf(
  experiment: Experiment,
  rows: readonly Row[],
  logs: readonly Logged[],
): Promise<readonly Drawn[]> {
  const drawn = await Promise.all(
    experiment.figures.map((figure) =>
      figure.kind === "curves" ? curves(experiment, figure, logs) : overAxis(experiment, figure, rows)
    ),
  );
  return drawn.filter((one) => one !== undefined);
}

/**
 * The paper's numbers as a chart: in the form of the experiment's figure over an axis where its table has rows for
 * values of that axis, else as bars over the first axis for whose values it has rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { experiments } from "./experiments/mod.ts";
 * import { paperFigure } from "./figures.ts";
 *
 * const drawn = await paperFigure(experiments.momentum);
 * assertEquals(drawn?.label, "linear accuracy (%): 0.9 55.2, 0.99 57.8, 0.999 59, 0.9999 58.9.");
 * ```
 */
export async function paperFigure({ axes, figures, paper }: Experiment): Promise<Drawn | undefined> {
  const over = figures.find((one): one is AxisFigure => one.kind !== "curves");
  const rowsFor = ({ variants }: Axis) => labelsOf(variants).filter((label) => rowOf(paper, label) !== undefined);
  const axis = axes.toSorted((a, b) => Number(b.name === over?.axis) - Number(a.name === over?.axis))
    .find((one) => rowsFor(one).length > 0);
  if (axis === undefined) return undefined;
  const { name } = axis;
  const kind = over?.axis === name ? over.kind : "bars";
  const places = rowsFor(axis);
  const columns = paper.header.slice(1).map((title, column) => ({
    name: title,
    bars: places.flatMap((at) => {
      const value = rowOf(paper, at)?.[column + 1];
      return typeof value === "number" ? [{ at, mean: value, least: value, greatest: value }] : [];
    }),
  }));
  const series = columns.filter(({ bars }) => bars.length > 0);
  if (series.length === 0) return undefined;
  const y = series.length === 1 ? series[0].name : "Accuracy (%)";
  const svg = await axisChart({ kind, x: name, y, places, series });
  return {
    title: `The paper: ${series.map((one) => one.name).join(", ")}`,
    svg,
    label: series.map(describe).join(" "),
  };
}

async function overAxis({ axes }: Experiment, figure: AxisFigure, all: readonly Row[]): Promise<Drawn | undefined> {
  const rows = all.filter(({ labels }) => agrees(labels, figure.with));
  const { name, variants } = axisOf(axes, figure.axis);
  const others = axes.filter((axis) => axis.name !== figure.axis).map((axis) => axis.name);
  const groups = [...new Set(rows.map((row) => seriesName(others, row.labels)))];
  const series = groups.flatMap((group) =>
    figure.measures.map((measure) => ({
      name: [group, figure.measures.length > 1 || group === "" ? measures[measure].title : ""].filter(Boolean).join(
        ", ",
      ),
      bars: rows.filter((row) => seriesName(others, row.labels) === group).flatMap((row) => bar(row, name, measure)),
    }))
  ).filter(({ bars }) => bars.length > 0);
  if (series.length === 0) return undefined;
  const svg = await axisChart({
    kind: figure.kind,
    x: name,
    y: `${yTitle(figure.measures.map((measure) => measures[measure].title))}${
      measures[figure.measures[0]].unit === "share" ? " (%)" : ""
    }`,
    places: labelsOf(variants).filter((label) => rows.some(({ labels }) => labels[name] === label)),
    series,
  });
  return { title: figure.title, svg, label: series.map(describe).join(" ") };
}

async function curves(
  { axes }: Experiment,
  { title, over, y, log, ...rest }: CurvesFigure,
  logs: readonly Logged[],
): Promise<Drawn | undefined> {
  const scale = y.endsWith("(%)") ? 100 : 1;
  const names = axes.map(({ name }) => name);
  const found = logs.map(({ labels, records }): Curve => ({
    name: seriesName(names, labels),
    points: curveOf(records, { over, ...rest }).map(([x, value]) => [x, scale * value]),
  })).filter(({ points }) => points.length > 0);
  if (found.length === 0) return undefined;
  const svg = await curvesChart({
    x: over === "step" ? "Step" : "Epoch",
    y,
    curves: found,
    ...log === undefined ? {} : { log },
  });
  const label = found.map(({ name, points }) =>
    `${name}: from ${short(points[0][1])} to ${short(points[points.length - 1][1])}, at most ${
      short(Math.max(...points.map(([, value]) => value)))
    }.`
  ).join(" ");
  return { title, svg, label };
}

function bar(row: Row, axis: string, measure: MeasureName): readonly Bar[] {
  const value = row.values[measure];
  if (value === undefined) return [];
  const scale = measures[measure].unit === "share" ? 100 : 1;
  const { mean, least, greatest } = value;
  return [{ at: row.labels[axis], mean: scale * mean, least: scale * least, greatest: scale * greatest }];
}

function axisOf(axes: readonly Axis[], name: string): Axis {
  const axis = axes.find((one) => one.name === name);
  if (axis === undefined) {
    throw new RangeError(
      `Cannot draw a figure: expected one of the axes ${axes.map((one) => one.name)}, found ${name}`,
    );
  }
  return axis;
}

/** The names of an axis' values, each once: several values may share a name in different combinations. */
function labelsOf(variants: Axis["variants"]): readonly string[] {
  return [...new Set(variants.map(({ label }) => label))];
}

function rowOf({ rows }: Paper, label: string): Paper["rows"][number] | undefined {
  return rows.find(([first]) => String(first) === label);
}

function seriesName(axes: readonly string[], labels: Row["labels"]): string {
  return axes.map((axis) => `${axis} ${labels[axis]}`).join(", ");
}

function yTitle(titles: readonly string[]): string {
  return titles.length === 1 ? titles[0] : "Accuracy";
}

function describe({ name, bars }: { readonly name: string; readonly bars: readonly Bar[] }): string {
  return `${name}: ${bars.map(({ at, mean }) => `${at} ${short(mean)}`).join(", ")}.`;
}
