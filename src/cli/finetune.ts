import { Command } from "../dependencies/commander.ts";
import { basename } from "node:path";
import { fromOptions } from "../config/read_flags.ts";
import { renderFinetuned } from "../run/finetuned_text.ts";
import { watchSignals } from "../run/watch_signals.ts";
import { interrupted, orFail } from "./failure.ts";
import { encoderOf, oneOf, type Options, refuseBoth, requireOptions, withFields } from "./options.ts";
import { invokedAs, startedByTask, typed } from "./shell.ts";
import { training } from "../train/training_settings.ts";
import { print } from "./terminal.ts";

/** `finetune`: trains an encoder further on labels. */
export function finetuneCommand(): Command {
  const command = new Command("finetune")
    .summary("train a pretrained encoder further on labelled images")
    .description(
      "Trains an encoder and a linear classifier after it on labelled images, and measures the accuracy on test " +
        "images. Encoder, images and sizes are the run's unless flags say otherwise; docs/weights.md has the other " +
        "defaults. Ctrl-C finishes the step and saves; --resume goes on from there.",
    )
    .option("--out <folder>", "required: the new run's folder, for its configuration, metrics and checkpoints")
    .option("--run <folder>", "the run whose encoder is fine-tuned: its newest whole checkpoint")
    .option("--checkpoint <file>", "a checkpoint, in place of --run")
    .option("--weights <file>", "another program's weights, in place of --run: a .pth, .bin or .safetensors file")
    .option("--random-weights", "start the same encoder from random weights, to compare with")
    .option("--resume", "go on from the newest whole checkpoint in --out, with its configuration")
    .option("--json", "print the scores as JSON")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} finetune --run runs/photos --path labelled-photos --out runs/photos-labels
  ${invokedAs()} finetune --run runs/demo --labels-share 0.01 --out runs/demo-1
  ${invokedAs()} finetune --run runs/demo --labels-share 0.01 --random-weights --out runs/random-1
  ${invokedAs()} finetune --weights vit.safetensors --heads 6 --data folder --path labelled --mixup 0.8 --out runs/vit
  ${invokedAs()} finetune --resume --out runs/demo-1`,
    )
    .action(run);
  const ofRun = Object.keys(training).filter((name) => name !== "init").map((name) => `training.${name}` as const);
  const ofLabels = ["labelShare", "mixup", "labelSmoothing", "layerDecay"].map((name) => `method.${name}` as const);
  return withFields(command, ...ofLabels, "encoder", "optimizer", "augment", "data", ...ofRun);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "out");
  const [named, from] = oneOf(options, "run", "checkpoint", "weights", "resume");
  refuseBoth(options, "randomWeights", "resume");
  const { finetune } = await import("../run/finetune.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const finetuned = await orFail(finetune({
    ...fromOptions(options),
    ...named === "resume"
      ? { resume: true }
      : { from: encoderOf(named, from), randomWeights: options.randomWeights === true },
    ...{ out: String(options.out), ...watch },
  }));
  const { _tag, folder, step, checkpoint: saved } = finetuned;
  if (_tag === "Interrupted") throw interrupted("finetune", folder, step, saved, status());
  print(options.json === true ? JSON.stringify(finetuned.scores) : renderFinetuned(finetuned));
  if (options.json === true) return;
  const out = `${basename(folder)}-onnx`;
  print(`\nTake it elsewhere with: ${typed("export", "--run", folder, "--format", "onnx", "--out", out)}`);
}
