/**
 * The command line: `deno task moco <command>`, or `moco <command>` where it is installed.
 *
 * @module
 */
import about from "../../deno.json" with { type: "json" };
import { Command, CommanderError } from "../dependencies/commander.ts";
import { augmentCommand } from "./augment.ts";
import { demoCommand } from "./demo.ts";
import { embedCommand } from "./embed.ts";
import { engineCommand } from "./engine.ts";
import { evaluateCommand } from "./evaluate.ts";
import { experimentCommand } from "./experiment.ts";
import { exploreCommand } from "./explore.ts";
import { explain, Failure } from "./failure.ts";
import { exportCommand } from "./export.ts";
import { finetuneCommand } from "./finetune.ts";
import { importCommand } from "./import.ts";
import { inspectCommand } from "./inspect.ts";
import { collectionCommand } from "./collection.ts";
import { configCommand } from "./config.ts";
import { searchCommand } from "./search.ts";
import { duplicatesCommand } from "./duplicates.ts";
import { outliersCommand } from "./outliers.ts";
import { leaksCommand } from "./leaks.ts";
import { clustersCommand } from "./clusters.ts";
import { selectCommand } from "./select.ts";
import { mapCommand } from "./map.ts";
import { describeOption } from "./option_help.ts";
import { refuseEmptyTexts } from "./options.ts";
import { presetsCommand } from "./presets.ts";
import { pretrainCommand } from "./pretrain.ts";
import { enterShellFolder, invokedAs } from "./shell.ts";
import { stepCommand } from "./step.ts";
import { print, say } from "./terminal.ts";

/** The whole command line. */
export function program(): Command {
  const moco = new Command("moco")
    .usage("<command> [options]")
    .version(about.version, "-V, --version", "print the version")
    .description("Pretrains image encoders without labels by Momentum Contrast.")
    .helpCommand("help [command]", "help for a command")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} demo
  ${invokedAs()} pretrain --preset photos --path my-photos --out runs/photos
  ${invokedAs()} evaluate --run runs/photos
  ${invokedAs()} pretrain --help`,
    );
  const commands = [
    pretrainCommand(),
    evaluateCommand(),
    embedCommand(),
    collectionCommand(),
    finetuneCommand(),
    stepCommand(),
    augmentCommand(),
    importCommand(),
    exportCommand(),
    inspectCommand(),
    searchCommand(),
    duplicatesCommand(),
    outliersCommand(),
    leaksCommand(),
    clustersCommand(),
    selectCommand(),
    mapCommand(),
    exploreCommand(),
    engineCommand(),
    demoCommand(),
    experimentCommand(),
    presetsCommand(),
    configCommand(),
  ];
  for (const command of commands) moco.addCommand(command);
  moco.hook("preAction", (_, command) => refuseEmptyTexts(command));
  for (const command of [moco, ...commands, ...commands.flatMap((command) => command.commands)]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .showHelpAfterError(`See: ${[invokedAs(), ...wordsOf(command), "--help"].join(" ")}`)
      .allowExcessArguments(false)
      .configureHelp({ optionDescription: describeOption })
      // Asked for, so that commander does not read the environment, for which there is no permission.
      .configureOutput({ getOutHasColors: () => false, getErrHasColors: () => false, getOutHelpWidth: () => 120 })
      .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => say(text.trimEnd()) });
  }
  return moco;
}

/** The words by which a command is called after the program's name: `collection export`. */
function wordsOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/**
 * Runs the command line.
 *
 * @param args The arguments, without the program's name.
 * @returns The exit status: 0, or 1 where it could not be done, or 2 where it was asked for wrongly.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed its own message by now. Help that was asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { message, expected } = explain(error);
    say(`error: ${message}`);
    if (!expected) {
      say(`This is a fault of the program. Where it happened:\n${(error as Error)?.stack ?? ""}`);
    }
    return error instanceof Failure ? error.exitCode : 1;
  }
}

if (import.meta.main) {
  console.error = say; // what engine and packages say ends nothing either
  enterShellFolder();
  Deno.exit(await main(Deno.args));
}
