/**
 * What an experiment found, as a table of texts and as Markdown.
 *
 * @module
 */
import { type Measure, measures } from "./measures.ts";
import type { Row, Spread } from "./summary.ts";
import type { Experiment } from "./types.ts";

/** A table of texts. */
export type Table = { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** The table of an experiment: a row for each combination, the mean over the seeds with its standard deviation. */
export function tableOf(experiment: Experiment, rows: readonly Row[]): Table {
  const names = experiment.measures;
  const differs = rows.some(({ difference }) => difference !== undefined);
  const reference = Object.values(experiment.reference ?? {}).join(", ");
  const several = rows.some(({ finished, failed }) => finished + failed > 1 || failed > 0);
  return {
    header: [
      ...experiment.axes.map(({ name }) => name),
      ...names.map((name) => measures[name].title),
      ...differs ? [`${measures[names[0]].title} over ${reference}, points`] : [],
      ...several ? ["runs"] : [],
    ],
    rows: rows.map(({ labels, values, difference, finished, failed }) => [
      ...experiment.axes.map(({ name }) => labels[name]),
      ...names.map((name) => {
        const value = values[name];
        if (value !== undefined) return spread(value, measures[name].unit);
        return finished === 0 && failed > 0 ? "diverged" : "–";
      }),
      ...differs ? [difference === undefined ? "–" : points(difference)] : [],
      ...several ? [`${finished}${failed > 0 ? `, ${failed} diverged` : ""}`] : [],
    ]),
  };
}

const texts: Readonly<Record<Measure["unit"], (value: number) => string>> = {
  share: (value) => (100 * value).toFixed(1),
  number: (value) => value.toLocaleString("en-US", { maximumFractionDigits: 0 }),
  seconds: (value) => value.toFixed(3),
};

/** A difference of shares in percentage points, with its sign. */
function points({ mean, deviation }: Spread): string {
  const sign = mean < 0 ? "" : "+";
  return `${sign}${texts.share(mean)}${deviation === undefined ? "" : ` ± ${texts.share(deviation)}`}`;
}

function spread({ mean, deviation }: Spread, unit: Measure["unit"]): string {
  const text = texts[unit];
  return `${text(mean)}${deviation === undefined || deviation === 0 ? "" : ` ± ${text(deviation)}`}${
    unit === "share" ? " %" : ""
  }`;
}

/**
 * A table as Markdown, its columns aligned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdown } from "./table.ts";
 *
 * const lines = markdown({ header: ["m", "kNN"], rows: [["0.99", "a|b"]] }).split("\n");
 * assertEquals(lines, ["| m    | kNN  |", "| ---- | ---- |", "| 0.99 | a\\|b |"]);
 * ```
 */
export function markdown({ header, rows }: Table): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const [first, ...others] = cells;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}
