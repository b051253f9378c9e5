import { Command } from "../dependencies/commander.ts";
import { orFail } from "./failure.ts";
import { entryOf, type Options, wholeNumber } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { print } from "./terminal.ts";

/** `explore`: the local page of a collection, and of trainings. */
export function exploreCommand(): Command {
  return new Command("explore")
    .summary("look at a collection or a training in the browser")
    .description(
      "Serves a page on this machine alone. For a collection it shows the map, the images with filters, tags and saved " +
        "selections, search, duplicates, outliers and leaks. For folders of runs it shows the curves of the trainings, " +
        "while they go on or after, with their alarms, their views and their queue. Open the address that is printed. " +
        "Ctrl-C ends it.",
    )
    .argument("<paths...>", "a collection, as moco embed makes it, and folders of runs, in any order")
    .option("--port <n>", "the port on 127.0.0.1 (default 7411, or any that is free)")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} explore photos.moco
  ${invokedAs()} explore runs/photos
  ${invokedAs()} explore runs/a runs/b photos.moco`,
    )
    .action(async (paths: readonly string[], options: Options) => {
      const { explore } = await import("../serve/explore.ts");
      const { exitStatus, listenForInterrupt } = await import("../train/interrupt.ts");
      const { address, close } = await orFail(explore({ paths, ...entryOf(options, "port", wholeNumber) }));
      const ended = Promise.withResolvers<number>();
      // Closed, the collection is one file again, with all that was written on the page.
      listenForInterrupt((signal) => close().then(() => ended.resolve(exitStatus[signal]), ended.reject));
      print(`Open ${address}`);
      Deno.exit(await ended.promise);
    });
}
