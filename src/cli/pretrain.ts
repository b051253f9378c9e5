import { Command } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import { type Stopped, watchSignals } from "../run/watch_signals.ts";
import { Failure, orFail } from "./failure.ts";
import { type Options, readConfig, requireOptions, withConfig } from "./options.ts";
import { invokedAs, startedByTask, typed } from "./shell.ts";
import { percent } from "../report/text_table.ts";
import { print } from "./terminal.ts";

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
    .option("--init <checkpoint>", "a checkpoint or a run's folder whose encoder the run begins with: see moco import")
    .addHelpText(
      "after",
      `
Every flag may also be written as its field's path: --batch is --training-batch.

Examples:
  ${invokedAs()} pretrain --preset photos --path my-photos --out runs/photos
  ${invokedAs()} pretrain --preset fashion-v2 --epochs 5 --precision bfloat16 --out runs/fashion
  ${invokedAs()} pretrain --resume --out runs/fashion
  ${invokedAs()} pretrain --preset photos --path my-photos --init resnet50.safetensors --out runs/photos
  ${invokedAs()} pretrain --config mine.json --seed 1 --out runs/mine-1`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "out");
  const out = resolve(String(options.out));
  const resume = options.resume === true;
  if (resume && options.init !== undefined) {
    throw new Failure("Cannot begin with --init what --resume goes on with: give one of them", 2);
  }
  const init = options.init === undefined ? {} : { init: String(options.init) };
  const config = await readConfig(options, resume ? { run: out } : {});
  const { train } = await import("../run/train.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const { outcome, folder } = await orFail(train({ ...config, out, resume, ...init, ...watch }));
  if (outcome._tag === "Interrupted") throw interrupted(folder, outcome.position.step, outcome.checkpoint, status());
  print(`Finished: ${outcome.checkpoint}`);
  for (const [name, value] of Object.entries(outcome.evaluation ?? {})) print(`${name}: ${percent(value)}`);
  print(`Measure it with: ${typed("evaluate", "--run", folder)}`);
}

/** How a training ends that was asked to stop. */
export function interrupted(folder: string, step: number, checkpoint: string, status: Stopped): Failure {
  return new Failure(
    `Stopped after step ${step} and saved ${checkpoint}. ` +
      `Go on with: ${typed("pretrain", "--resume", "--out", folder)}`,
    status,
  );
}
