import { Command } from "../dependencies/commander.ts";
import { formats } from "../interchange/formats/formats.ts";
import { terminalReporter } from "../train/progress.ts";
import { orFail } from "./failure.ts";
import { fromOptions } from "../config/read_flags.ts";
import type { PartialConfig } from "../config/types.ts";
import { oneOf, type Options, requireOptions, withFields } from "./options.ts";
import { invokedAs, quoted } from "./shell.ts";
import { print } from "./terminal.ts";

/** `export`: a trained encoder as another program takes it. */
export function exportCommand(): Command {
  const lines = Object.entries(formats).map(([name, { about }]) => `  ${name.padEnd(16)}${about}`);
  const command = new Command("export")
    .summary("write a trained encoder as another program takes it")
    .description(
      "Writes the encoder of a run into a new folder, as another program takes it, with a model card that says how " +
        "it is loaded. The folder is whole or not there. A run that learned from labels leaves with its classifier.",
    )
    .option("--run <folder>", "a run's folder: its newest whole checkpoint")
    .option("--checkpoint <file>", "a checkpoint, in place of --run")
    .option("--format <name>", `required: ${Object.keys(formats).join(", ")}`)
    .option("--out <folder>", "required: the folder to write, which must not be there")
    .option("--linear", "with the linear layer of the run's last evaluate, as one classifier")
    .option("--preprocessing", "with onnx: a model that cuts, resizes and normalises images itself")
    .addHelpText(
      "after",
      `
Formats:
${lines.join("\n")}

Examples:
  ${invokedAs()} export --run runs/photos --format onnx --out photos-onnx
  ${invokedAs()} export --checkpoint runs/vit/checkpoints/best.safetensors --format timm --out vit-timm
  ${invokedAs()} export --run runs/photos --linear --format transformers.js --out photos-classifier`,
    )
    .action(run);
  return withFields(command, "encoder.evaluationGrid");
}

async function run(options: Options): Promise<void> {
  requireOptions(options, "format", "out");
  const [named, run] = oneOf(options, "run", "checkpoint");
  const asked = { run, format: String(options.format), out: String(options.out) };
  const [preprocessing, linear] = [options.preprocessing === true, options.linear === true];
  const { exportWeights, nameOf } = await import("../run/export.ts");
  // Others read the command in the model card.
  const flags = [`--${named}`, nameOf(asked.run), "--format", asked.format, "--out", nameOf(asked.out)];
  const wishes = [...preprocessing ? ["--preprocessing"] : [], ...linear ? ["--linear"] : []];
  const { encoder } = fromOptions(options) as PartialConfig;
  const grid = encoder !== undefined && "evaluationGrid" in encoder
    ? ["--evaluation-grid", String(encoder.evaluationGrid)]
    : [];
  const command = ["moco", "export", ...[...flags, ...wishes, ...grid].map(quoted)].join(" ");
  const request = { ...asked, encoder, preprocessing, linear, command, reporter: terminalReporter() };
  const { folder, files, usage } = await orFail(exportWeights(request));
  print(`Wrote ${folder}: ${files.join(", ")}

${usage}`);
}
