import { Command } from "../dependencies/commander.ts";
import { orFail } from "./failure.ts";
import { fromOptions } from "../config/read_flags.ts";
import {
  encoderOf,
  entryOf,
  oneOf,
  type Options,
  positiveNumber,
  refuseBoth,
  wholeNumber,
  withEvaluationFields,
} from "./options.ts";
import { evaluatedJson, renderEvaluated } from "../run/evaluated_text.ts";
import { invokedAs } from "./shell.ts";
import { terminalReporter } from "../train/progress.ts";
import { print } from "./terminal.ts";
import { clusterOf, launched, withWorkers } from "./workers.ts";

/** `evaluate`: what the features of a trained encoder are worth. */
export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .summary("measure a trained encoder with kNN and a linear layer")
    .description(
      "Measures the frozen encoder of a run on labelled images: weighted kNN, and one linear layer trained on its " +
        "features. The data are the run's, and so are the size of the images and the grid of the features, unless " +
        "flags say otherwise. Another program's weights name no images: give --data and --path with them.",
    )
    .option("--run <folder>", "a run's folder: its newest whole checkpoint")
    .option("--checkpoint <file>", "a checkpoint, in place of --run")
    .option("--weights <file>", "another program's weights, in place of --run: a .pth, .bin or .safetensors file")
    .option("--baselines", "measure a randomly initialised encoder and the raw pixels too")
    .option("--k <n>", "neighbours that vote (default 200, or the whole bank)")
    .option("--vote-temperature <n>", "temperature of the votes", "0.1")
    .option("--no-linear", "leave the linear layer out")
    .option("--linear-epochs <n>", "passes over the features to train the linear layer (default 40)")
    .option("--linear-rate <n>", "its learning rate; the best of a few on held-out training images where absent")
    .option("--classes", "print the accuracy of each class too")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} evaluate --run runs/fashion --baselines
  ${invokedAs()} evaluate --run runs/photos --path labelled-photos --classes
  ${invokedAs()} evaluate --run runs/fashion --evaluation-size 28 --evaluation-grid 2
  ${invokedAs()} evaluate --checkpoint runs/fashion/checkpoints/best.safetensors --json
  ${invokedAs()} evaluate --weights resnet50.pth --data folder --path labelled-photos
  ${invokedAs()} evaluate --run runs/photos --workers 2`,
    )
    .action(run);
  return withEvaluationFields(withWorkers(command, "the images"));
}

async function run(options: Options): Promise<void> {
  const encoder = encoderOf(...oneOf(options, "run", "checkpoint", "weights"));
  const knn = {
    ...entryOf(options, "k", wholeNumber),
    temperature: positiveNumber("vote-temperature", options.voteTemperature),
  };
  const noLinear = options.linear === false;
  for (const name of ["linearEpochs", "linearRate"]) refuseBoth({ ...options, noLinear }, "noLinear", name);
  const linear = {
    epochs: wholeNumber("linear-epochs", options.linearEpochs ?? "40"),
    ...(options.linearRate === undefined ? {} : { learningRate: positiveNumber("linear-rate", options.linearRate) }),
  };
  const cluster = clusterOf(options);
  if (await launched(options)) return;
  const { evaluate } = await import("../run/evaluate.ts");
  const evaluated = await orFail(evaluate({
    ...fromOptions(options),
    ...encoder,
    baselines: options.baselines === true,
    knn,
    linear: noLinear ? false : linear,
    reporter: terminalReporter(),
    cluster,
  }));
  if ((evaluated.cluster?.rank ?? 0) > 0) return; // the first one tells
  print(options.json ? evaluatedJson(evaluated) : renderEvaluated(evaluated, options.classes === true));
}
