import { Either, pipe, TaskEither } from "../core/either.ts";
import { Command } from "../dependencies/commander.ts";
import { parseConfig } from "../config/config.ts";
import { encoderName } from "../config/names.ts";
import { presets } from "../config/presets.ts";
import { renderConfigErrors } from "../config/render.ts";
import type { Config } from "../config/types.ts";
import { invokedAs } from "./shell.ts";
import { table } from "./table.ts";
import { presetFields } from "../run/configure.ts";
import { orFail } from "./failure.ts";

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
      if (name !== undefined) {
        const fields = await orFail(TaskEither.fromEither(presetFields(name)));
        return console.log(JSON.stringify(fields, null, 2));
      }
      console.log(table(["name", "encoder", "optimizer", "pixels", "batch", "epochs", "what for"], rows()));
    });
}

/** A line for each preset: what it says in numbers, and what it is for. */
function rows(): readonly (readonly (string | number)[])[] {
  return Object.entries(presets).map(([name, { about, config }]) => {
    const whole = pipe(
      parseConfig(config, { data: false }),
      Either.getOrElse((errors): Config => {
        throw new TypeError(renderConfigErrors(errors));
      }),
    );
    const { optimizer, augment, training } = whole;
    return [name, encoderName(whole), optimizer.name, augment.size, training.batch, training.epochs, about];
  });
}
