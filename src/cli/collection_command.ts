/**
 * What the commands over a collection share: their flags, and the forms in which they tell what they found.
 *
 * @module
 */
import type { Command } from "../dependencies/commander.ts";
import type { TaskEither } from "../core/either.ts";
import { type Findings, findingsCsv, findingsJson, renderFindings } from "../report/findings.ts";
import type { InCollection } from "../run/collected.ts";
import type { RunError } from "../run/errors.ts";
import { terminalReporter } from "../train/progress.ts";
import { orFail } from "./failure.ts";
import { type Options, refuseBoth, requireOptions, textsOf, wholeNumber } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { print } from "./terminal.ts";

/** Answers a command's question: what was found, given the collection and the command's own flags and arguments. */
export type Answering = (
  asked: InCollection,
  options: Options,
  args: readonly string[],
) => Promise<TaskEither<RunError, Findings>>;

/**
 * Gives a command the flags of a collection, and prints what was found.
 *
 * @param command With its own flags and arguments.
 * @param examples Command lines after the program's name.
 * @param answer Loads and calls what does the work.
 */
export function overCollection(command: Command, examples: readonly string[], answer: Answering): Command {
  return command
    .option("--in <file>", "required: a collection, as embed makes it")
    .option("--vectors <name>", "which of its vectors, if it has those of several encoders")
    .option("--rows <n>", "rows of the table to print", "30")
    .option("--json", "print JSON, with every row")
    .option("--csv", "print comma-separated values, with every row")
    .option("--html <file>", "write a contact sheet too")
    .addHelpText("after", ["", "Examples:", ...examples.map((example) => `  ${invokedAs()} ${example}`)].join("\n"))
    .action(async (...given: readonly unknown[]) => {
      const [args, options] = given.length > 2
        ? [given[0] as string[], given[1] as Options]
        : [[], given[0] as Options];
      requireOptions(options, "in");
      refuseBoth(options, "json", "csv");
      const shown = wholeNumber("rows", options.rows);
      const reporter = terminalReporter();
      const asked = { collection: String(options.in), ...textsOf(options, "vectors"), reporter };
      const findings = await orFail(await answer(asked, options, args));
      print(
        options.json ? findingsJson(findings) : options.csv ? findingsCsv(findings) : renderFindings(findings, shown),
      );
      if (options.html === undefined) return;
      const { writeContactSheet } = await import("../run/contact_sheet.ts");
      await orFail(writeContactSheet(asked, findings, String(options.html)));
    });
}
