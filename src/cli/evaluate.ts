import { Command } from "../dependencies/commander.ts";
import { Either } from "../dependencies/fp_ts.ts";
import { parseConfig } from "../config/config.ts";
import { renderConfigErrors } from "../config/render.ts";
import { merge } from "../config/flags.ts";
import type { Config } from "../config/types.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { Failure } from "./failure.ts";
import { bankRows, openCheckpoint, orCheckpointFailure } from "./files.ts";
import { type Options, positiveNumber, readFlags, wholeNumber, withFields } from "./options.ts";
import { invokedAs } from "./shell.ts";

/** `evaluate`: what the features of a trained encoder are worth. */
export function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .summary("measure a trained encoder with kNN and a linear layer")
    .description(
      "Measures the frozen encoder of a run on labelled images: weighted kNN, and one linear layer trained on its " +
        "features. The data are the run's, and so are the size of the images and the grid of the features, unless flags say otherwise.",
    )
    .option("--run <folder>", "a run's folder: its newest whole checkpoint")
    .option("--checkpoint <file>", "a checkpoint, in place of --run")
    .option("--baselines", "measure a randomly initialised encoder and the raw pixels too")
    .option("--k <n>", "neighbours that vote (default 200, or the whole bank)")
    .option("--vote-temperature <n>", "temperature of the votes", "0.1")
    .option("--no-linear", "leave the linear layer out")
    .option("--linear-epochs <n>", "passes over the features to train the linear layer", "40")
    .option("--linear-rate <n>", "its learning rate (default: the best of a few on held-out training images)")
    .option("--classes", "the accuracy of each class too")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} evaluate --run runs/fashion --baselines
  ${invokedAs()} evaluate --run runs/photos --path labelled-photos --classes
  ${invokedAs()} evaluate --run runs/fashion --evaluation-size 28 --evaluation-grid 2
  ${invokedAs()} evaluate --checkpoint runs/fashion/checkpoints/best.safetensors --json`,
    )
    .action(run);
  return withFields(command, "data", "augment.evaluationSize", "encoder.evaluationGrid");
}

async function run(options: Options): Promise<void> {
  if ((options.run === undefined) === (options.checkpoint === undefined)) {
    throw new Failure("Cannot go on without one of --run and --checkpoint: see --help", 2);
  }
  const k = options.k === undefined ? {} : { k: wholeNumber("k", options.k) };
  const temperature = positiveNumber("vote-temperature", options.voteTemperature);
  const epochs = wholeNumber("linear-epochs", options.linearEpochs);
  const learningRate = options.linearRate === undefined
    ? {}
    : { learningRate: positiveNumber("linear-rate", options.linearRate) };
  const checkpoint = await openCheckpoint(String(options.run ?? options.checkpoint));
  const config = configOf(checkpoint, options);

  const { buildMethod, viewShape } = await import("../config/build.ts");
  const { restore } = await import("../checkpoint/state.ts");
  const { key } = await import("../core/random.ts");
  const { dispose } = await import("../core/scope.ts");
  const { loadLabelled } = await import("./datasets.ts");
  const { evaluateAll, renderClasses, renderResults } = await import("./evaluation.ts");

  const { train, test } = await loadLabelled(config);
  const { classes } = train;
  const method = buildMethod(config, viewShape(config, train.channels), 1, bankRows(checkpoint.tensors) ?? train.count);
  const template = method.init(key(config.training.seed));
  const state = await orCheckpointFailure(async () => await Promise.resolve(restore(template, checkpoint)));
  dispose(template);
  const results = await evaluateAll({
    config,
    method,
    state,
    train,
    test,
    options: {
      knn: { ...k, temperature },
      linear: options.linear === false ? false : { epochs, ...learningRate },
      ...(classes === undefined ? {} : { classes }),
    },
    baselines: options.baselines === true,
    onBegin: (name) => console.error(`Measuring: ${name}`),
  });
  dispose(state);
  if (options.json) {
    const { path, position } = checkpoint;
    const data = { name: config.data.name, train: train.count, test: test.count };
    return console.log(JSON.stringify({ checkpoint: path, position, data, results }, null, 2));
  }
  console.log(`${checkpoint.path}: step ${checkpoint.position.step}, epoch ${checkpoint.position.epoch}`);
  console.log(`${train.count} labelled training images, ${test.count} test images\n`);
  console.log(renderResults(results));
  if (options.classes) console.log(`\n${renderClasses(results[0])}`);
}

/** The configuration that a checkpoint was saved with, with what flags say of the data and the features. */
function configOf({ path, config }: Checkpoint, options: Options): Config {
  const stored = typeof config === "object" && config !== null && !Array.isArray(config) ? config as Options : {};
  const parsed = parseConfig(merge(stored, readFlags(options)));
  if (Either.isLeft(parsed)) throw new Failure(`${path}: ${renderConfigErrors(parsed.left)}`);
  return parsed.right;
}
