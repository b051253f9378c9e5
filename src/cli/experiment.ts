import { Command } from "../dependencies/commander.ts";
import { join } from "node:path";
import { labelsFrom } from "../experiment/choose.ts";
import { experiments } from "../experiment/experiments/mod.ts";
import { type Scale, scales } from "../experiment/types.ts";
import { watchSignals } from "../run/watch_signals.ts";
import { Failure, orFail } from "./failure.ts";
import { fromOptions } from "../config/read_flags.ts";
import { entryOf, type Options, textsOf, wholeNumber, withFields } from "./options.ts";
import { invokedAs, startedByTask, typed } from "./shell.ts";
import { table } from "../report/text_table.ts";
import { print } from "./terminal.ts";

/** `experiment`: the papers' comparisons, run here. */
export function experimentCommand(): Command {
  const command = new Command("experiment")
    .summary("run one of the papers' comparisons, with a table and figures")
    .description(
      "Trains and measures every cell of an experiment, and writes results.json, results.md, figures (SVG and PNG) " +
        "and report.html, with the paper's own numbers beside. Without a name, lists the experiments. What is " +
        "finished is not run again: Ctrl-C saves, and the same command goes on. Flags of encoder, views, data, " +
        "optimizer and training hold for every cell, except for what the cell is about; --seed is the first of the " +
        "seeds.",
    )
    .argument("[name]", "the experiment")
    .option(
      "--scale <name>",
      `${scales.join(" | ")}: minutes, 20 to 40 minutes on two cores, hours to days on CIFAR-10, the paper's`,
      "laptop",
    )
    .option("--seeds <n>", "repetitions of each cell; the scale's where absent")
    .option(
      "--only <axis=value...>",
      "run only the cells with these values of an axis, of those that are still to be run; results cover the others " +
        "too",
    )
    .option("--out <folder>", "where everything goes (default runs/<name>-<scale>)")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} experiment
  ${invokedAs()} experiment momentum --scale smoke
  ${invokedAs()} experiment shuffle-bn --seeds 1 --epochs 20 --out runs/shuffle
  ${invokedAs()} experiment mechanisms --scale cifar --data folder --path cifar10 --precision bfloat16
  ${invokedAs()} experiment mechanisms --only mechanism=MoCo --only K=256 K=4,096
  ${invokedAs()} experiment momentum --scale paper --data folder --path imagenet`,
    )
    .action(run);
  return withFields(command, "encoder", "augment", "data", "optimizer", "training");
}

async function run(name: string | undefined, options: Options, command: Command): Promise<void> {
  if (name === undefined) {
    if (Object.keys(options).some((option) => command.getOptionValueSource(option) === "cli")) {
      throw new Failure("Cannot run an experiment: expected its name, before all options, found none", 2);
    }
    return print(table(["name", "what is compared"], Object.entries(experiments).map(([n, e]) => [n, e.title])));
  }
  const request = {
    name,
    scale: scaleOf(options.scale),
    ...entryOf(options, "seeds", wholeNumber),
    ...(options.only === undefined ? {} : { only: labelsFrom(options.only as readonly string[]) }),
    ...textsOf(options, "out"),
    config: fromOptions(options),
    command: typed(...(command.parent?.args ?? [])),
  };
  const { runExperiment } = await import("../experiment/run_experiment.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const { _tag, folder, done, cells, table: found } = await orFail(runExperiment({ ...request, ...watch }));
  if (found !== undefined) print(`\n${found}\n\nReport: ${join(folder, "report.html")}`);
  if (_tag === "Interrupted") {
    throw new Failure(
      `Stopped with ${done} of ${cells} cells done; all is saved, and the same command goes on`,
      status(),
    );
  }
}

function scaleOf(text: unknown): Scale {
  const scale = scales.find((one) => one === text);
  if (scale === undefined) {
    throw new Failure(`Cannot use --scale: expected one of ${scales.join(", ")}, found ${JSON.stringify(text)}`, 2);
  }
  return scale;
}
