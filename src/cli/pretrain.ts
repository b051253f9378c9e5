import { Command } from "../dependencies/commander.ts";
import { renderConfig } from "../config/render.ts";
import { runPaths } from "../train/run_folder.ts";
import { Failure } from "./failure.ts";
import { type Options, readConfig, readJson, requireOptions, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { percent } from "./table.ts";

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
    .addHelpText(
      "after",
      `
Every flag may also be written as its field's path: --batch is --training-batch.

Examples:
  ${invokedAs()} pretrain --preset photos --path my-photos --out runs/photos
  ${invokedAs()} pretrain --preset fashion-v2 --epochs 5 --precision bfloat16 --out runs/fashion
  ${invokedAs()} pretrain --resume --out runs/fashion
  ${invokedAs()} pretrain --config mine.json --seed 1 --out runs/mine-1`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "out");
  const folder = String(options.out);
  const resume = options.resume === true;
  const config = await readConfig(options, { base: resume ? await storedConfig(folder) : {} });
  console.error(renderConfig(config));
  const { train } = await import("./training.ts");
  const { outcome } = await train(config, folder, { resume });
  if (outcome._tag === "Interrupted") {
    throw new Failure(
      `Stopped after step ${outcome.position.step} and saved ${outcome.checkpoint}. ` +
        `Go on with: ${invokedAs()} pretrain --resume --out ${folder}`,
      130,
    );
  }
  console.log(`Finished: ${outcome.checkpoint}`);
  for (const [name, value] of Object.entries(outcome.evaluation ?? {})) console.log(`${name}: ${percent(value)}`);
  console.log(`Measure it with: ${invokedAs()} evaluate --run ${folder}`);
}

/** The configuration of the run that is to go on, where it left one. */
async function storedConfig(folder: string): Promise<Options> {
  const { config } = runPaths(folder);
  try {
    await Deno.stat(config);
  } catch {
    return {}; // the loop says that there is no checkpoint
  }
  return await readJson(config) as Options;
}
