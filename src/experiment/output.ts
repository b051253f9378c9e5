/**
 * What an experiment leaves in its folder beside its cells: `results.json`, `results.md`, `figures/` and `report.html`.
 *
 * @module
 */
import { join } from "node:path";
import { Either, type TaskEither } from "../core/either.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { writeBytesAtomic, writeTextAtomic } from "../files/atomic.ts";
import { standalone, toPng } from "../report/picture.ts";
import { parseMetrics } from "../train/metrics_log.ts";
import { runPaths } from "../train/run_folder.ts";
import { cellFolder, type CellResult } from "./cell_result.ts";
import { type Drawn, figuresOf, type Logged, paperFigure } from "./figures.ts";
import type { Cell } from "./grid.ts";
import { experimentPage, type Provenance } from "./report.ts";
import { rowsOf } from "./summary.ts";
import { markdown, tableOf } from "./table.ts";
import type { Experiment, Scale } from "./types.ts";

/** What is known when an experiment ends. */
export type Ended = {
  readonly experiment: Experiment;
  readonly scale: Scale;
  readonly cells: readonly Cell[];
  readonly results: readonly CellResult[];
  readonly folder: string;
  readonly provenance: Provenance;
};

/**
 * Writes tables, figures and the page for the results so far.
 *
 * @returns Right the table as Markdown, with how many cells are still to be run; left what could not be written.
 */
export function writeOutput(ended: Ended): TaskEither<UnwritableFile, string> {
  const { experiment, scale, cells, results, folder, provenance } = ended;
  return async () => {
    const rows = rowsOf(experiment, scale, results);
    const missing = missingOf(cells, results);
    const rest = missing.length === 0 ? [] : [`\n${missing.length} of ${cells.length} cells are still to be run.`];
    const table = [markdown(tableOf(experiment, rows)), ...rest].join("\n");
    const figures = await figuresOf(experiment, rows, await logsOf(ended));
    const paper = await paperFigure(experiment);
    const first = Math.min(...cells.map(({ config }) => config.training.seed));
    const configs = Object.fromEntries(
      cells.filter(({ config }) => config.training.seed === first).map(({ name, config }) => [name, config]),
    );
    const { title, question, paper: reported } = experiment;
    const theirs = paper === undefined ? [] : [{ ...paper, title: "The paper" }];
    const files = await Promise.all([...figures, ...theirs].map(filesOf));
    await Deno.mkdir(join(folder, "figures"), { recursive: true });
    const written = [
      writeTextAtomic(
        join(folder, "results.json"),
        `${
          JSON.stringify(
            { version: 1, title, question, scale, paper: reported, ...provenance, rows, cells: results, missing },
            null,
            2,
          )
        }\n`,
      ),
      writeTextAtomic(join(folder, "results.md"), `${table}\n`),
      writeTextAtomic(
        join(folder, "report.html"),
        experimentPage({
          experiment,
          scale,
          cells: cells.length,
          results,
          rows,
          figures,
          ...paper === undefined ? {} : { paperFigure: paper },
          provenance,
          configs,
        }),
      ),
      ...files.flat().map(([name, bytes]) => writeBytesAtomic(join(folder, "figures", name), bytes)),
    ];
    for (const write of written) {
      const wrote = await write();
      if (Either.isLeft(wrote)) return wrote;
    }
    return Either.right(table);
  };
}

/** The names of the cells that have no result. */
function missingOf(cells: Ended["cells"], results: Ended["results"]): readonly string[] {
  const there = new Set(results.map(({ digest }) => digest));
  return cells.filter(({ digest }) => !there.has(digest)).map(({ name }) => name);
}

/** The log of each cell that has a result; an empty one where the file is gone, so that no curve is drawn. */
function logsOf({ cells, results, folder }: Ended): Promise<readonly Logged[]> {
  const there = new Set(results.map(({ digest }) => digest));
  return Promise.all(
    cells.filter(({ digest }) => there.has(digest)).map(async (cell) => ({
      labels: cell.labels,
      records: parseMetrics(await Deno.readTextFile(runPaths(cellFolder(folder, cell)).metrics).catch(() => "")),
    })),
  );
}

/** A figure as files: `first-layer-gradient-norm.svg` and `.png`. */
async function filesOf({ title, svg }: Drawn): Promise<readonly (readonly [name: string, bytes: Uint8Array])[]> {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return [[`${name}.svg`, new TextEncoder().encode(`${standalone(svg)}\n`)], [`${name}.png`, await toPng(svg)]];
}
