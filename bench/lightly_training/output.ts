/**
 * The results as a table, figures and data.
 *
 * @module
 */
import { join } from "node:path";
import { curvesChart } from "../../src/report/curves_chart.ts";
import { standalone, toPng } from "../../src/report/picture.ts";
import recipe from "./recipe.json" with { type: "json" };
import type { Point } from "./types.ts";

/** A library's training with a seed. */
export type Run = { readonly library: string; readonly seed: number; readonly points: readonly Point[] };

/** What was compared, when and on what. */
export type Compared = {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runs: readonly Run[];
};

const measures = [["knn", "kNN"], ["linear", "Linear"]] as const;

const axes = [
  ["epochs", "Epoch", ({ epoch }: Point) => epoch],
  ["minutes", "Minutes of training", ({ seconds }: Point) => seconds / 60],
] as const;

/** Writes `results.json`, `results.md` and the figures into a folder. */
export async function writeResults(folder: string, compared: Compared): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "results.json"), `${JSON.stringify({ recipe, ...compared }, null, 2)}\n`);
  await Deno.writeTextFile(join(folder, "results.md"), `${tableOf(compared.runs)}\n`);
  for (const [measure, title] of measures) {
    for (const [over, x, at] of axes) {
      const svg = await curvesChart({
        x,
        y: `${title} accuracy (%)`,
        curves: compared.runs.map(({ library, points }) => ({
          name: library,
          points: points.map((point): [number, number] => [at(point), 100 * point[measure]]),
        })),
      });
      const name = join(folder, `${measure}-over-${over}`);
      await Deno.writeTextFile(`${name}.svg`, `${standalone(svg)}\n`);
      await Deno.writeFile(`${name}.png`, await toPng(svg));
    }
  }
}

/**
 * A line for each library and each evaluated epoch: the mean over the seeds, and the spread where there are several.
 */
export function tableOf(runs: readonly Run[]): string {
  const rows = [...new Set(runs.map(({ library }) => library))].flatMap((library) => {
    const own = runs.filter((run) => run.library === library);
    return own[0].points.map(({ epoch }) => {
      const points = own.flatMap(({ points }) => points.filter((point) => point.epoch === epoch));
      const share = (measure: "knn" | "linear") => spread(points.map((point) => 100 * point[measure]));
      const minutes = spread(points.map(({ seconds }) => seconds / 60));
      return [library, String(epoch), String(points.length), minutes, `${share("knn")} %`, `${share("linear")} %`];
    });
  });
  const header = ["library", "epochs", "seeds", "minutes", "kNN", "linear"];
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function spread(values: readonly number[]): string {
  const mean = (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);
  if (values.length === 1) return mean;
  return `${mean} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}
