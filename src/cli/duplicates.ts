import { Command, Option } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { DUPLICATES_WITHIN } from "../search/defaults.ts";
import { overCollection } from "./collection_command.ts";
import { anyNumber, entryOf, refuseBoth } from "./options.ts";

/** `duplicates`: images of a collection that are nearly the same. */
export function duplicatesCommand(): Command {
  const command = new Command("duplicates")
    .summary("find images of a collection that are nearly the same")
    .description("Finds groups of near duplicates, and says which image of each to keep. Nothing is deleted.")
    .option(
      "--within <n>",
      `the share of the distance around two images that may lie between duplicates (default ${DUPLICATES_WITHIN})`,
    )
    .option("--threshold <n>", "in place of that, the least cosine similarity of two duplicates")
    .addOption(
      new Option("--keep <which>", "the image of a group that is kept").choices(["largest", "sharpest", "first"])
        .default("largest"),
    )
    .option("--list <file>", "write the files that are not kept into a list, one a line");
  const examples = ["duplicates --in photos.moco --within 0.5 --html duplicates.html --list duplicates.txt"];
  return overCollection(command, examples, async (asked, options) => {
    refuseBoth(options, "within", "threshold");
    const { duplicateFindings, duplicates, writeDuplicateList } = await import("../run/duplicates.ts");
    const keep = options.keep as "largest" | "sharpest" | "first";
    const alikeness = {
      ...entryOf(options, "within", anyNumber),
      ...entryOf(options, "threshold", anyNumber),
    };
    return pipe(
      duplicates({ ...asked, ...alikeness, keep }),
      TaskEither.tap((found) =>
        options.list === undefined
          ? TaskEither.right(undefined)
          : writeDuplicateList(found, String(options.list), asked.reporter?.note)
      ),
      TaskEither.map(duplicateFindings),
    );
  });
}
