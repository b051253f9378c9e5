import { Command } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { overCollection } from "./collection_command.ts";
import { textsOf, wholeNumber } from "./options.ts";

/** `select`: a diverse subset of a collection. */
export function selectCommand(): Command {
  const command = new Command("select")
    .summary("select a diverse subset of a collection, for labelling")
    .description("Selects images one by one, each the least like those before it.")
    .option("-n, --count <n>", "how many images to select", "100")
    .option("--beside-labelled", "count images that have a label as selected already")
    .option("--save-as <name>", "save the selection in the collection");
  const examples = ["select -n 500 --in photos.moco --save-as to-label --csv"];
  return overCollection(command, examples, async (asked, options) => {
    const { select, selectFindings } = await import("../run/select.ts");
    const besidesLabelled = options.besideLabelled === true;
    const count = wholeNumber("count", options.count);
    const request = { ...asked, ...textsOf(options, "saveAs"), besidesLabelled, count };
    return pipe(select(request), TaskEither.map(selectFindings));
  });
}
