import { Command } from "../dependencies/commander.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { Config } from "../config/types.ts";
import { readPart } from "../config/reading.ts";
import { Failure } from "./failure.ts";
import { bankRows, openTensorFile, orCheckpointFailure } from "./files.ts";
import { type Options, readConfig, requireOptions, wholeNumber, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { readViews } from "./views.ts";

/** `step`: the pure step on given views. */
export function stepCommand(): Command {
  const command = new Command("step")
    .summary("apply the pure training step to given views")
    .description(
      "Applies the pure step to views from a file, and writes the state that results. The same files always give the " +
        "same result. Each step prints one line of metrics as JSON. Nothing is written where anything is wrong.",
    )
    .option(
      "--batches <file>",
      "required: safetensors with the views: 0.query, 0.key, 1.query, ... float32 [N, height, width, channels], normalised; " +
        "optionally 0.shuffle, int32 [N]; for a memory bank 0.index, int32 [N], the places of the images in the data",
    )
    .option("--out <file>", "required: where the state after the last step goes, safetensors")
    .option("--state <file>", "the state to start from (a checkpoint will do); a fresh one from the seed where absent")
    .option("--init-out <file>", "where the state before the first step goes as well")
    .option(
      "--steps-per-epoch <n>",
      "steps that the schedules of learning rate and momentum count as an epoch (default: images / batch)",
    )
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} step --config c.json --batches views.safetensors --out next.safetensors
  ${invokedAs()} step --config c.json --state next.safetensors --batches views.safetensors --out last.safetensors`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "batches", "out");
  const config = await readConfig(options, { data: false });
  const stepsPerEpoch = options.stepsPerEpoch === undefined
    ? impliedStepsPerEpoch(config)
    : wholeNumber("steps-per-epoch", options.stepsPerEpoch);
  const stored = options.state === undefined ? undefined : await openTensorFile(String(options.state));
  const images = config.method.name === "memory-bank" ? bankSize(config, stored?.contents.tensors ?? []) : undefined;
  const batches = await openTensorFile(String(options.batches));
  const { batch } = config.training;
  const views = readViews(batches.path, batches.contents.tensors, images === undefined ? { batch } : { batch, images });

  const { buildMethod } = await import("../config/build.ts");
  const { key } = await import("../core/random.ts");
  const { dispose, release } = await import("../core/scope.ts");
  const { jit } = await import("../engine/mod.ts");
  const { restore, tensorsOf, toTensor } = await import("../checkpoint/state.ts");
  const { writeTensorFile } = await import("../files/tensor_file.ts");
  const { TaskEither } = await import("../dependencies/fp_ts.ts");

  const method = buildMethod(config, views[0].query.shape.slice(1), stepsPerEpoch, images);
  const fresh = method.init(key(config.training.seed));
  let state = stored === undefined
    ? fresh
    : await orCheckpointFailure(TaskEither.fromEither(restore(fresh, { path: stored.path, ...stored.contents })));
  const initial = state;
  const step: typeof method.step = config.training.jit
    ? jit(method.step, { name: "step", precision: config.training.precision })
    : method.step;
  const lines: string[] = [];
  for (const { query, key, shuffle, index } of views) {
    const batch = {
      query: toTensor(query),
      key: toTensor(key),
      ...(shuffle === undefined ? {} : { shuffle: toTensor(shuffle) }),
      ...(index === undefined ? {} : { index: toTensor(index) }),
    };
    const next = step(state, batch);
    const metrics = Object.entries(next.metrics).map(([name, value]) => [name, value.dataSync()[0]] as const);
    const at = next.state.step.dataSync()[0];
    const loss = next.metrics.loss.dataSync()[0];
    if (!Number.isFinite(loss)) {
      throw new Failure(`Cannot go on: the loss of step ${at} is ${loss}. Nothing was written.`);
    }
    lines.push(JSON.stringify({ step: at, ...Object.fromEntries(metrics) }));
    if (state !== initial) release(state, next.state);
    dispose({ ...batch, metrics: next.metrics });
    state = next.state;
  }
  const metadata = { config: JSON.stringify(readPart(config)) };
  if (options.initOut !== undefined) {
    await orCheckpointFailure(writeTensorFile(String(options.initOut), tensorsOf(initial), metadata));
  }
  await orCheckpointFailure(writeTensorFile(String(options.out), tensorsOf(state), metadata));
  for (const line of lines) console.log(line);
}

/** Training images of the data sets whose size is known without reading them. */
const sizes: Partial<Record<Config["data"]["name"], number>> = {
  "fashion-mnist": 60_000,
  "mnist": 60_000,
  "cifar10": 50_000,
  "cifar100": 50_000,
};

/** Training images by the configuration alone, where it says how many there are. */
function impliedImages({ data: { name, limit } }: Config): number | undefined {
  const size = sizes[name];
  return limit === undefined ? size : Math.min(limit, size ?? limit);
}

/** The rows of a memory bank: those of the state that is gone on from, or the training images. */
function bankSize(config: Config, stored: readonly StoredTensor[]): number {
  const images = bankRows(stored) ?? impliedImages(config);
  if (images === undefined) {
    const { name } = config.data;
    throw new Failure(
      `Cannot make a memory bank: the number of images in a ${name} is not known here. Give --limit, or --state.`,
      2,
    );
  }
  if (images <= config.training.batch) {
    throw new Failure(
      `Cannot make a memory bank: expected more images than the ${config.training.batch} of a batch, found ${images}`,
      2,
    );
  }
  return images;
}

/** Steps of an epoch by the configuration alone, so that a replay in parts is the replay of the whole. */
function impliedStepsPerEpoch(config: Config): number {
  const { data, training, method, optimizer } = config;
  const images = impliedImages(config);
  if (images !== undefined) return Math.max(1, Math.floor(images / training.batch));
  const follows = optimizer.schedule !== "constant" || optimizer.warmupEpochs > 0 ||
    method.momentumSchedule !== "constant";
  if (!follows) return 1;
  throw new Failure(
    `Cannot schedule learning rate and momentum: the number of images in a ${data.name} is not known here. ` +
      "Give --steps-per-epoch, or --limit.",
    2,
  );
}
