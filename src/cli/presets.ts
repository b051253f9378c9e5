import { Command } from "../dependencies/commander.ts";
import { encoderName } from "../config/names.ts";
import { presets } from "../config/presets.ts";
import { TaskEither } from "../core/either.ts";
import { orFail } from "./failure.ts";
import { invokedAs } from "./shell.ts";
import { table } from "../report/text_table.ts";
import { print } from "./terminal.ts";

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
  ${invokedAs()} presets
  ${invokedAs()} presets fashion-v2 > mine.json
  ${invokedAs()} pretrain --config mine.json --out runs/mine`,
    )
    .action(async (name: string | undefined) => {
      if (name === undefined) {
        const header = ["name", "encoder", "optimizer", "pixels", "batch", "epochs", "what for"];
        return print(table(header, await Promise.all(Object.keys(presets).map(row))));
      }
      const { presetFields } = await import("../run/configure.ts");
      print(JSON.stringify(await orFail(TaskEither.fromEither(presetFields(name))), null, 2));
    });
}

/** What a preset says in numbers, and what it is for. */
async function row(name: string): Promise<readonly (string | number)[]> {
  const { configure } = await import("../run/configure.ts");
  const config = await orFail(configure({}, { preset: name, data: false }));
  const { optimizer, augment, training } = config;
  const { about } = presets[name];
  return [name, encoderName(config), optimizer.name, augment.size, training.batch, training.epochs, about];
}
