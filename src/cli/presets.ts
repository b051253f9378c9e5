import { Command } from "commander";
import { presets } from "../config/presets.ts";
import { table } from "./table.ts";
import { readPreset } from "./options.ts";

/** `presets`: the named configurations, or one of them as JSON to start a file from. */
export function presetsCommand(): Command {
  return new Command("presets")
    .summary("list the named configurations, or print one")
    .description(
      "Lists the named configurations; with a name, prints that one as JSON, to start a file of your own from.",
    )
    .argument("[name]", "the configuration to print")
    .addHelpText(
      "after",
      `
Examples:
  deno task moco presets
  deno task moco presets fashion-v2 > mine.json
  deno task moco pretrain --config mine.json --out runs/mine`,
    )
    .action((name: string | undefined) => {
      if (name !== undefined) return console.log(JSON.stringify(readPreset(name), null, 2));
      console.log(table(["name", "what for"], Object.entries(presets).map(([preset, { about }]) => [preset, about])));
    });
}
