import { Command } from "../dependencies/commander.ts";
import { orFail } from "./failure.ts";
import { wholeNumber } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { print } from "./terminal.ts";

/** `explore`: the local page of a collection. */
export function exploreCommand(): Command {
  return new Command("explore")
    .summary("look at a collection in the browser")
    .description(
      "Serves a page on this machine alone: the map of a collection, its images with filters, tags and saved selections, " +
        "search, duplicates, outliers and leaks. Open the address that is printed. Ctrl-C ends it.",
    )
    .argument("<collection>", "a collection, as moco embed makes it")
    .option("--port <n>", "the port on 127.0.0.1 (default: 7411, or any that is free)")
    .addHelpText("after", `\nExample:\n  ${invokedAs()} explore photos.moco`)
    .action(async (path: string, { port }: { readonly port?: string }) => {
      const { explore } = await import("../serve/explore.ts");
      const asked = { path, ...port === undefined ? {} : { port: wholeNumber("port", port) } };
      const { address, finished } = await orFail(explore(asked));
      print(`Open ${address}`);
      await finished;
    });
}
