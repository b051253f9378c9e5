import { Command } from "../dependencies/commander.ts";
import type { Inspected, InspectedTensor } from "../run/inspect.ts";
import { orFail } from "./failure.ts";
import { invokedAs } from "./shell.ts";
import { bytes, table } from "./table.ts";
import { terminalReporter } from "../train/progress.ts";
import { print } from "./terminal.ts";

/** `inspect`: what a checkpoint holds. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("say what a checkpoint holds")
    .description(
      "Lists the tensors of a checkpoint, or of any safetensors file, with the configuration and the step it was saved at.",
    )
    .argument("<file>", "a .safetensors file, or a run's folder for its newest checkpoint")
    .option("--tensor <name>", "the statistics of one tensor, or of all whose names start with this")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} inspect runs/photos
  ${invokedAs()} inspect runs/photos --tensor query.params.head
  ${invokedAs()} inspect encoder.safetensors --json`,
    )
    .action(async (path: string, { tensor, json }: { readonly tensor?: string; readonly json?: boolean }) => {
      const { inspect } = await import("../run/inspect.ts");
      const asked = { path, ...(tensor === undefined ? {} : { tensor }), reporter: terminalReporter() };
      const inspected = await orFail(inspect(asked));
      if (json) return print(JSON.stringify(inspected, null, 2));
      print(tensor === undefined ? renderContents(inspected) : renderStatistics(inspected));
    });
}

function renderContents({ file, metadata, tensors }: Inspected): string {
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = Object.entries(metadata).map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const rows = tensors.map((tensor) => [tensor.name, tensor.dtype, renderShape(tensor), tensor.bytes]);
  return [
    `${file}: ${tensors.length} tensors, ${bytes(total)}`,
    ...facts,
    "",
    table(["name", "dtype", "shape", "bytes"], rows),
  ].join("\n");
}

function renderStatistics({ tensors }: Inspected): string {
  return table(
    ["name", "dtype", "shape", "minimum", "maximum", "mean", "deviation", "not finite"],
    tensors.map((tensor) => {
      const { statistics: found } = tensor;
      const numbers = found === undefined
        ? ["", "", "", "", ""]
        : [...[found.minimum, found.maximum, found.mean, found.deviation].map(short), String(found.notFinite)];
      return [tensor.name, tensor.dtype, renderShape(tensor), ...numbers];
    }),
  );
}

function renderShape({ shape }: InspectedTensor): string {
  return `[${shape.join(", ")}]`;
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : String(value);
}
