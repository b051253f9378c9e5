import { Command } from "../dependencies/commander.ts";
import { renderEngine } from "../run/engine_text.ts";
import { invokedAs } from "./shell.ts";
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
    .option("--json", "print as JSON")
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
        const checked = checkEngine({ repair });
        const { folder, files, wheels } = checked;
        if (json) return print(JSON.stringify(checked, null, 2));
        return print(`${folder} is whole: ${files} files, as they were installed from ${wheels.join(", ")}`);
      }
      const info = describeEngine();
      print(json ? JSON.stringify(info, null, 2) : renderEngine(info));
    });
}
