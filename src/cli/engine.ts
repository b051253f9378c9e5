import { Command } from "commander";

/** `engine`: what is installed, and what it runs on. */
export function engineCommand(): Command {
  return new Command("engine")
    .summary("say what the engine is and what it runs on")
    .description(
      "Says where TensorFlow's library is, its version, the devices and what is compiled in; installs it if need be.",
    )
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  deno task moco engine
  deno task moco engine --json`,
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { engineInfo } = await import("../engine/mod.ts");
      const info = engineInfo();
      if (json) return console.log(JSON.stringify(info, null, 2));
    });
}
