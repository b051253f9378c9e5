import { Command } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { OUTLIER_NEIGHBOURS } from "../search/defaults.ts";
import { overCollection } from "./collection_command.ts";
import { wholeNumber } from "./options.ts";

/** `outliers`: images of a collection that are unlike the others. */
export function outliersCommand(): Command {
  const command = new Command("outliers")
    .summary("find images of a collection that are unlike the others")
    .description("Finds the images that are furthest from the images nearest to them.")
    .option("-n, --count <n>", "how many images to find", "50")
    .option("--k <n>", "neighbours that an image is compared with", String(OUTLIER_NEIGHBOURS));
  return overCollection(command, ["outliers --in photos.moco -n 100 --html outliers.html"], async (asked, options) => {
    const { outlierFindings, outliers } = await import("../run/outliers.ts");
    const numbers = { count: wholeNumber("count", options.count), k: wholeNumber("k", options.k) };
    return pipe(outliers({ ...asked, ...numbers }), TaskEither.map(outlierFindings));
  });
}
