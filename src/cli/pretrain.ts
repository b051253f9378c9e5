import { Command } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import { fromOptions } from "../config/read_flags.ts";
import type { PartialConfig } from "../config/types.ts";
import { watchSignals } from "../run/watch_signals.ts";
import { interrupted, orFail } from "./failure.ts";
import { type Options, readConfig, refuseBoth, requireOptions, withConfig } from "./options.ts";
import { invokedAs, startedByTask, typed } from "./shell.ts";
import { percent } from "../core/percent.ts";
import { print } from "./terminal.ts";
import { findAlike, lookBack } from "./what_next.ts";
import { clusterOf, flagsOfWorkers, launched, wireOption, withWorkers } from "./workers.ts";

/** `pretrain`: trains an encoder without labels. */
export function pretrainCommand(): Command {
  const command = new Command("pretrain")
    .summary("train an encoder on unlabelled images")
    .description(
      "Trains an encoder without labels. The configuration is the preset's, then the file's, then the flags'. Ctrl-C " +
        "finishes the step and saves; --resume goes on from there as if nothing had happened.",
    )
    .option("--out <folder>", "required: the run's folder, for the configuration, the metrics and the checkpoints")
    .option("--resume", "go on from the newest whole checkpoint in --out, with its configuration")
    .option(
      "--tensorboard",
      "also write what TensorBoard reads: curves, views, and at the end features for its projector",
    )
    .addHelpText(
      "after",
      `
Defaults are those without a preset or a file; ${invokedAs()} config prints all values that a command would use.
Every flag may also be written as its field's path: --batch is --training-batch.

Examples:
  ${invokedAs()} pretrain --preset photos --path my-photos --out runs/photos
  ${invokedAs()} pretrain --preset fashion-v2 --epochs 5 --precision bfloat16 --out runs/fashion
  ${invokedAs()} pretrain --resume --out runs/fashion
  ${invokedAs()} pretrain --preset photos --path my-photos --tensorboard --out runs/photos
  ${invokedAs()} pretrain --preset fashion-v2 --workers 2 --out runs/fashion-2
  ${invokedAs()} pretrain --preset photos --path my-photos --init resnet50.safetensors --out runs/photos
  ${invokedAs()} pretrain --config mine.json --seed 1 --out runs/mine-1`,
    )
    .action(run);
  withWorkers(command, "every batch")
    .addOption(wireOption())
    .option("--restart <n>", "how often to start again from the last checkpoint where a process was lost");
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "out");
  const out = resolve(String(options.out));
  const resume = options.resume === true;
  const { training } = fromOptions(options) as PartialConfig;
  refuseBoth({ init: training?.init, resume }, "init", "resume");
  const cluster = clusterOf(options);
  const config = await readConfig(options, resume ? { run: out } : {});
  if (await launched(options, out)) return;
  const { train } = await import("../run/train.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const trained = await orFail(
    train({ ...config, out, resume, tensorboard: options.tensorboard === true, ...watch, cluster }),
  );
  const { outcome, folder, images } = trained;
  const isFirst = (trained.cluster?.rank ?? 0) === 0;
  if (!isFirst) Deno.exit(outcome._tag === "Interrupted" ? status() : 0); // the first one tells
  if (outcome._tag === "Interrupted") {
    const again = [...flagsOfWorkers(options, trained.cluster), ...options.tensorboard ? ["--tensorboard"] : []];
    throw interrupted("pretrain", folder, outcome.position.step, outcome.checkpoint, status(), again);
  }
  print(`Finished: ${outcome.checkpoint}`);
  for (const [name, value] of Object.entries(outcome.evaluation ?? {})) print(`${name}: ${percent(value)}`);
  print(
    images.train.labels === undefined
      ? findAlike(folder)
      : `${lookBack(folder)}\nMeasure it with: ${typed("evaluate", "--run", folder)}`,
  );
}
