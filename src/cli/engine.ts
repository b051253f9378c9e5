import { Command } from "../dependencies/commander.ts";
import { invokedAs } from "./shell.ts";
import { table } from "../report/text_table.ts";
import { print } from "./terminal.ts";

type EngineOptions = { readonly json?: boolean; readonly verify?: boolean; readonly repair?: boolean };

/** `engine`: what is installed, and what it runs on. */
export function engineCommand(): Command {
  return new Command("engine")
    .summary("say what the engine is and what it runs on")
    .description(
      "Says where TensorFlow's library is, its version, the devices, and whether oneDNN and XLA work. Installs the " +
        "library where it is not there yet.",
    )
    .option("--json", "as JSON")
    .option("--verify", "only check the installed files against the SHA-256 that they were installed with")
    .option("--repair", "only check them, and install them again if one is missing or damaged")
    .addHelpText(
      "after",
      `
MOCO_TENSORFLOW names a folder with libtensorflow_cc and libtensorflow_framework to use instead of the installed ones.

Examples:
  ${invokedAs()} engine
  ${invokedAs()} engine --json
  ${invokedAs()} engine --verify`,
    )
    .action(async ({ json, verify, repair }: EngineOptions) => {
      const { checkEngine, describeEngine } = await import("../run/engine.ts");
      if (verify || repair) {
        const { folder, files, wheels } = checkEngine({ repair });
        return print(`${folder} is whole: ${files} files, as they were installed from ${wheels.join(", ")}`);
      }
      const info = describeEngine();
      if (json) return print(JSON.stringify(info, null, 2));
      print(
        table(["", ""], [
          ["TensorFlow", info.tensorflow],
          ["library", info.library],
          ["found by", info.source === "cache" ? "the engine's cache folder" : info.source],
          ...info.devices.map(({ name, type }) => ["device", `${type} ${name}`]),
          ["oneDNN", info.oneDnn ? "in use" : "not in use"],
          ["bfloat16", info.bfloat16 ? "faster than float32" : "no faster than float32, which takes its place"],
          ["XLA", info.xla ? "works" : "does not work"],
        ]).trim(),
      );
    });
}
