import { Command } from "../dependencies/commander.ts";
import { formats } from "../interchange/formats/formats.ts";
import { terminalReporter } from "../train/progress.ts";
import { orFail } from "./failure.ts";
import { type Options, requireOptions } from "./options.ts";
import { invokedAs, typed } from "./shell.ts";
import { print } from "./terminal.ts";

/** `export`: a trained encoder as another program takes it. */
export function exportCommand(): Command {
  const lines = Object.entries(formats).map(([name, { about }]) => `  ${name.padEnd(16)}${about}`);
  return new Command("export")
    .summary("write a trained encoder as another program takes it")
    .description(
      "Writes the encoder of a run into a new folder, as another program takes it, with a model card that says how it is " +
        "loaded. The folder is whole or not there.",
    )
    .option("--run <folder>", "required: a run's folder, for its newest whole checkpoint, or a checkpoint")
    .option("--format <name>", `required: ${Object.keys(formats).join(", ")}`)
    .option("--out <folder>", "required: the folder to write, which must not be there")
    .option("--preprocessing", "with onnx: a model that cuts, resizes and normalises images itself")
    .addHelpText(
      "after",
      `
Formats:
${lines.join("\n")}

Examples:
  ${invokedAs()} export --run runs/photos --format timm --out photos-timm
  ${invokedAs()} export --run runs/photos/checkpoints/best.safetensors --format torchvision --out photos-torchvision`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "run", "format", "out");
  const asked = { run: String(options.run), format: String(options.format), out: String(options.out) };
  const preprocessing = options.preprocessing === true;
  const flags = ["--run", asked.run, "--format", asked.format, "--out", asked.out];
  const command = typed("export", ...flags, ...preprocessing ? ["--preprocessing"] : []);
  const { exportWeights } = await import("../run/export.ts");
  const request = { ...asked, preprocessing, command, reporter: terminalReporter() };
  const { folder, files, usage } = await orFail(exportWeights(request));
  print(`Wrote ${folder}: ${files.join(", ")}

${usage}`);
}
