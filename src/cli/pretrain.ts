import { Command } from "commander";
import { type Options, readConfig, withConfig } from "./options.ts";

/** `pretrain`: trains an encoder without labels. */
export function pretrainCommand(): Command {
  const command = new Command("pretrain")
    .summary("train an encoder on unlabelled images")
    .description(
      "Trains an encoder without labels. The configuration is the preset's, then the file's, then the flags'. Ctrl-C " +
        "finishes the step and saves; --resume goes on from there as if nothing had happened.",
    )
    .option("--out <folder>", "required: the run's folder: configuration, metrics (JSON lines) and checkpoints")
    .option("--resume", "go on from the newest whole checkpoint in --out")
    .addHelpText(
      "after",
      `
Every flag may also be written as its field's path: --batch is --training-batch.

Examples:
  deno task moco pretrain --preset photos --path my-photos --out runs/photos
  deno task moco pretrain --preset fashion-v2 --epochs 5 --precision bfloat16 --out runs/fashion
  deno task moco pretrain --resume --out runs/fashion
  deno task moco pretrain --config mine.json --seed 1 --out runs/mine-1`,
    )
    .action(run);
  return withConfig(command);
}

async function run(options: Options): Promise<void> {
  const config = await readConfig(options);
  console.log(config);
}
