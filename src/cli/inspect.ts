import { Command } from "../dependencies/commander.ts";
import { renderContents, renderStatistics } from "../run/inspect_text.ts";
import { orFail } from "./failure.ts";
import { invokedAs } from "./shell.ts";
import { terminalReporter } from "../train/progress.ts";
import { print } from "./terminal.ts";

/** `inspect`: what a checkpoint holds. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("say what a checkpoint holds")
    .description(
      "Lists the tensors of a checkpoint, or of any safetensors file, with the configuration and the step it was " +
        "saved at.",
    )
    .argument("<file>", "a .safetensors file, or a run's folder for its newest checkpoint")
    .option("--tensor <name>", "the statistics of one tensor, or of all whose names start with this")
    .option("--json", "print as JSON")
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
