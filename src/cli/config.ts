import { Command } from "../dependencies/commander.ts";
import { type Options, readConfig, withConfig } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { print } from "./terminal.ts";

/** `config`: a whole configuration, or the schema of one. */
export function configCommand(): Command {
  const command = new Command("config")
    .summary("print a whole configuration, or its JSON Schema")
    .description(
      "Checks a configuration and prints all of it as JSON, the defaults too: the preset's, then the file's, then " +
        "the flags'. With --schema, prints the JSON Schema by which editors complete a file and explain its fields.",
    )
    .option("--schema", "the JSON Schema of a configuration file")
    .addHelpText(
      "after",
      `
In a file, "$schema": "moco.schema.json" tells editors where the schema is.

Examples:
  ${invokedAs()} config --preset fashion-v2 --method simclr
  ${invokedAs()} config --schema > moco.schema.json`,
    )
    .action(async (options: Options) => {
      const { jsonSchema } = await import("../config/schema.ts");
      const value = options.schema === true ? jsonSchema() : await readConfig(options, { data: false });
      print(JSON.stringify(value, null, 2));
    });
  return withConfig(command);
}
