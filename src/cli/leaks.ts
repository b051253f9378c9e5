import { Command } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { overCollection } from "./collection_command.ts";
import { anyNumber } from "./options.ts";

/** `leaks`: test images of a collection that are nearly training images. */
export function leaksCommand(): Command {
  const command = new Command("leaks")
    .summary("find test images of a collection that are nearly training images")
    .description("Finds the test images whose nearest training image is a near duplicate.")
    .option("--threshold <n>", "the least cosine similarity of two duplicates", "0.95");
  return overCollection(
    command,
    ["leaks --in photos.moco --threshold 0.97 --html leaks.html"],
    async (asked, options) => {
      const { leakFindings, leaks } = await import("../run/leaks.ts");
      const threshold = anyNumber("threshold", options.threshold);
      return pipe(leaks({ ...asked, threshold }), TaskEither.map(leakFindings));
    },
  );
}
