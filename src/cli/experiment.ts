import { Command } from "../dependencies/commander.ts";
import { Either } from "../dependencies/fp_ts.ts";
import { cpus } from "node:os";
import { join } from "node:path";
import { renderConfigErrors } from "../config/render.ts";
import type { Split } from "../data/types.ts";
import type { Attempt } from "../experiment/run_cells.ts";
import { experiments } from "../experiment/experiments/mod.ts";
import { type Cell, grid } from "../experiment/grid.ts";
import { type MeasureName, measures } from "../experiment/measures.ts";
import type { Provenance } from "../experiment/report.ts";
import { type Experiment, type Scale, scales } from "../experiment/types.ts";
import { nearest } from "../config/suggest.ts";
import { Failure } from "./failure.ts";
import { orCheckpointFailure } from "./files.ts";
import { type Options, readFlags, wholeNumber, withFields } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { table } from "./table.ts";

/** `experiment`: the papers' comparisons, run here. */
export function experimentCommand(): Command {
  const command = new Command("experiment")
    .summary("run one of the papers' comparisons, with a table and figures")
    .description(
      "Trains and measures every cell of an experiment, and writes results.json, results.md, figures (SVG and PNG) and " +
        "report.html, with the paper's own numbers beside. Without a name, lists the experiments. What is finished is " +
        "not run again: Ctrl-C saves, and the same command goes on. Flags of data, optimizer and training hold for " +
        "every cell, except for what the cell is about; --seed is the first of the seeds.",
    )
    .argument("[name]", "the experiment")
    .option("--scale <name>", `${scales.join(" | ")}: minutes, 20 to 40 minutes on two cores, the paper's`, "laptop")
    .option("--seeds <n>", "repetitions of each cell (default: the scale's)")
    .option("--out <folder>", "where everything goes (default: runs/<name>-<scale>)")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} experiment
  ${invokedAs()} experiment momentum --scale smoke
  ${invokedAs()} experiment shuffle-bn --seeds 1 --epochs 20 --out runs/shuffle
  ${invokedAs()} experiment momentum --scale paper --data folder --path imagenet`,
    )
    .action(run);
  return withFields(command, "data", "optimizer", "training");
}

async function run(name: string | undefined, options: Options, command: Command): Promise<void> {
  if (name === undefined) {
    return console.log(table(["name", "what is compared"], Object.entries(experiments).map(([n, e]) => [n, e.title])));
  }
  const experiment = experimentOf(name);
  const scale = scaleOf(options.scale);
  const seeds = options.seeds === undefined ? {} : { seeds: wholeNumber("seeds", options.seeds) };
  const folder = options.out === undefined ? join("runs", `${name}-${scale}`) : String(options.out);
  const cells = cellsOf(experiment, scale, { ...seeds, config: readFlags(options) });

  const { runCells } = await import("../experiment/run_cells.ts");
  const { writeOutput } = await import("../experiment/output.ts");

  console.error(`${experiment.title}: ${cells.length} cells, into ${folder}`);
  const outcome = await orCheckpointFailure(runCells({
    cells,
    folder,
    measures: experiment.measures,
    attempt: attempts(experiment.measures),
    note: console.error,
  }));
  const { results } = outcome;
  if (results.length > 0) {
    const provenance = await provenanceOf(command.parent?.args ?? []);
    const found = await orCheckpointFailure(writeOutput({ experiment, scale, cells, results, folder, provenance }));
    console.log(`\n${found}\n\nReport: ${join(folder, "report.html")}`);
  }
  if (outcome._tag === "Interrupted") {
    throw new Failure(
      `Stopped with ${results.length} of ${cells.length} cells done; all is saved, and the same command goes on`,
      130,
    );
  }
}

function experimentOf(name: string): Experiment {
  if (Object.hasOwn(experiments, name)) return experiments[name];
  const names = Object.keys(experiments);
  const suggestion = nearest(name, names);
  const meant = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
  throw new Failure(`Cannot run the experiment: expected one of ${names.join(", ")}, found "${name}"${meant}`, 2);
}

function scaleOf(text: unknown): Scale {
  const scale = scales.find((one) => one === text);
  if (scale === undefined) {
    throw new Failure(`Cannot use --scale: expected one of ${scales.join(", ")}, found ${JSON.stringify(text)}`, 2);
  }
  return scale;
}

function cellsOf(experiment: Experiment, scale: Scale, options: Parameters<typeof grid>[2]): readonly Cell[] {
  const cells = grid(experiment, scale, options);
  if (Either.isRight(cells)) return cells.right;
  throw new Failure(`${cells.left.name}: ${renderConfigErrors(cells.left.errors)}`, 2);
}

/** How a cell is trained and measured. The images are loaded once for all cells that share them. */
function attempts(wanted: readonly MeasureName[]): (cell: Cell, folder: string) => Promise<Attempt> {
  const splits = new Map<string, Promise<Split>>();
  const needs = (part: "linear" | "baselines") => wanted.some((name) => measures[name].needs === part);
  return async ({ config }, folder) => {
    const { train } = await import("./training.ts");
    const { labelled, loadImages } = await import("./datasets.ts");
    const { evaluateAll } = await import("./evaluation.ts");
    const { listCheckpoints } = await import("../checkpoint/folder.ts");
    const { dispose } = await import("../core/scope.ts");
    const { parseMetrics } = await import("../train/metrics_log.ts");
    const { runPaths } = await import("../train/run_folder.ts");

    const source = JSON.stringify([config.data, config.augment.size]);
    const split = await (splits.get(source) ?? splits.set(source, loadImages(config)).get(source)!);
    const images = labelled(config, split);
    const { checkpoints, metrics } = runPaths(folder);
    const resume = (await orCheckpointFailure(listCheckpoints(checkpoints))).length > 0;
    try {
      const { outcome, method } = await train(config, folder, { resume, split: images });
      try {
        if (outcome._tag === "Interrupted") return { _tag: "Interrupted" };
        const results = await evaluateAll({
          config,
          method,
          state: outcome.state,
          ...images,
          options: needs("linear") ? {} : { linear: false },
          baselines: needs("baselines"),
        });
        const evidence = { config, results, records: parseMetrics(await Deno.readTextFile(metrics)) };
        const values = wanted.flatMap((name) => {
          const value = measures[name].of(evidence);
          return value === undefined ? [] : [[name, value]];
        });
        return { _tag: "Finished", values: Object.fromEntries(values) };
      } finally {
        dispose(outcome.state);
      }
    } catch (error) {
      if (!(error instanceof Failure) || !isNonFinite(error.cause)) throw error;
      return { _tag: "Failed", reason: error.message };
    }
  };
}

/** Whether a training ended by a number that is not finite, which is a finding and no fault. */
function isNonFinite(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === "NonFinite";
}

async function provenanceOf(args: readonly string[]): Promise<Provenance> {
  const { engineInfo } = await import("../engine/mod.ts");
  const { default: project } = await import("../../deno.json", { with: { type: "json" } });
  const { tensorflow, devices } = engineInfo();
  const processors = cpus();
  const cores = `${processors.length} cores of ${processors[0]?.model ?? "unknown kind"}`;
  const others = devices.filter(({ type }) => type !== "CPU").map(({ type }) => type);
  return {
    command: `${invokedAs()} ${args.map(quoted).join(" ")}`,
    date: new Date().toISOString(),
    machine: [...others, cores, `${Deno.build.os} ${Deno.build.arch}`].join(", "),
    versions: { "Momentum Contrast": project.version, Deno: Deno.version.deno, TensorFlow: tensorflow },
  };
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w./:=,@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
