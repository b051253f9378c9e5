import { Command } from "../dependencies/commander.ts";
import { orFail } from "./failure.ts";
import { entryOf, type Options, readConfig, requireOptions, textsOf, wholeNumber, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { terminalReporter } from "../train/progress.ts";
import { print } from "./terminal.ts";

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
      "required: safetensors with the views: 0.query, 0.key, 1.query, ... float32 [N, height, width, channels], " +
        "normalised; optionally 0.shuffle, int32 [N]; for a memory bank 0.index, int32 [N], the places of the images " +
        "in the data, and optionally 0.sample, int32 [K], those of the negatives",
    )
    .option("--out <file>", "required: where the state after the last step goes, safetensors")
    .option("--state <file>", "the state to start from (a checkpoint will do); a fresh one from the seed where absent")
    .option("--init-out <file>", "where the state before the first step goes as well")
    .option(
      "--steps-per-epoch <n>",
      "steps that the schedules of learning rate and momentum count as an epoch (default images / batch)",
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
  const request = {
    batches: String(options.batches),
    out: String(options.out),
    ...textsOf(options, "state", "initOut"),
    ...entryOf(options, "stepsPerEpoch", wholeNumber),
    reporter: terminalReporter(),
  };
  const config = await readConfig(options, { data: false });
  const { replay } = await import("../run/replay.ts");
  const steps = await orFail(replay({ ...config, ...request }));
  for (const step of steps) print(JSON.stringify(step));
}
