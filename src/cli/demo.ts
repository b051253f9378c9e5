import { Command } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import { fromOptions } from "../config/read_flags.ts";
import type { PartialConfig } from "../config/types.ts";
import { demoPreset } from "../config/presets.ts";
import { watchSignals } from "../run/watch_signals.ts";
import { interrupted, orFail } from "./failure.ts";
import {
  entryOf,
  type Options,
  positiveNumber,
  readConfig,
  readFields,
  readPreset,
  refuseBoth,
  requireOptions,
  textsOf,
  withConfig,
} from "./options.ts";
import { renderResults } from "../report/results_text.ts";
import { invokedAs, startedByTask } from "./shell.ts";
import { print } from "./terminal.ts";
import { findAlike } from "./what_next.ts";

/** `demo`: the whole way on Fashion-MNIST. */
export function demoCommand(): Command {
  const command = new Command("demo")
    .summary("pretrain and evaluate on Fashion-MNIST, with a report")
    .description(
      "Trains MoCo v2 on the 60,000 training images of Fashion-MNIST without their labels, then measures kNN and " +
        "linear accuracy on the 10,000 test images, next to a randomly initialised encoder and the raw pixels. " +
        "Writes summary.json and report.html. Flags, --config and --preset override the preset demo.",
    )
    .option(
      "--out <folder>",
      "where everything goes (default runs/demo, or runs/demo-2 and so on where that is there)",
    )
    .option("--resume", "go on from the newest whole checkpoint in --out, with its configuration")
    .option("--minutes <n>", "train for about so many minutes: sets the number of epochs by measuring the speed")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} demo
  ${invokedAs()} demo --epochs 20 --out runs/longer
  ${invokedAs()} demo --minutes 5
  ${invokedAs()} demo --resume --out runs/demo
  ${invokedAs()} demo --epochs 1 --limit 2000`,
    )
    .action(run);
  return withConfig(command, "something else");
}

async function run(options: Options): Promise<void> {
  const { training } = fromOptions(options) as PartialConfig;
  refuseBoth({ minutes: options.minutes, epochs: training?.epochs }, "minutes", "epochs");
  for (const other of ["minutes", "preset"]) refuseBoth(options, other, "resume");
  refuseBoth({ init: training?.init, resume: options.resume }, "init", "resume");
  const resume = options.resume === true;
  if (resume) requireOptions(options, "out");
  const request = {
    ...textsOf(options, "out"),
    ...entryOf(options, "minutes", positiveNumber),
    ...readPreset(options),
  };
  // Every fault is named before anything is loaded.
  await readConfig(options, resume ? { run: resolve(String(options.out)) } : { preset: demoPreset });
  const fields = await readFields(options) as PartialConfig;
  const { demo } = await import("../run/demo.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const ended = await orFail(demo({ ...fields, ...request, resume, ...watch }));
  if (ended._tag === "Interrupted") throw interrupted("demo", ended.folder, ended.step, ended.checkpoint, status());
  print(`\n${renderResults(ended.results)}\n`);
  print(`Summary: ${ended.files.summary}\nReport:  ${ended.files.report}`);
  print(findAlike(ended.folder));
}
