import { Command, Option } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { overCollection } from "./collection_command.ts";
import { anyNumber, encoderOf, refuseBoth, textsOf, wholeNumber } from "./options.ts";

/** `search`: the images of a collection that are most like some images. */
export function searchCommand(): Command {
  const command = new Command("search")
    .summary("find the images of a collection that are most like some images")
    .description(
      "Finds the images of a collection that are most like the mean of some images: files, folders, or numbers of " +
        "images in the collection. The search is exact unless an index is asked for.",
    )
    .argument("<image...>", "an image, a folder of images, or the number of an image in the collection")
    .option("--not <image...>", "images that the results should not be like")
    .option("--away <n>", "the weight of those", "0.5")
    .option("--each", "search for each image by itself, not for their mean")
    .option("-n, --count <n>", "how many images to find", "10")
    .option(
      "--run <folder>",
      "the encoder for images outside the collection; the one that made the vectors where absent",
    )
    .option("--weights <file>", "the same, from another program's weights")
    .addOption(
      new Option("--index <name>", "search approximately, with an index that is saved beside the collection")
        .choices(["usearch"]),
    );
  const examples = [
    "search cat.jpg --in photos.moco",
    "search 17 cats/ --not 23 --in photos.moco -n 50 --html cats.html",
  ];
  return overCollection(command, examples, async (asked, options, args) => {
    refuseBoth(options, "run", "weights");
    const { search, searchFindings } = await import("../run/search.ts");
    const { not = [], index } = options as { readonly not?: readonly string[]; readonly index?: "usearch" };
    const [encoder] = Object.entries(textsOf(options, "run", "weights")).map((given) => encoderOf(...given));
    const request = {
      ...{ ...asked, ...encoder && { encoder }, like: args.map(exampleOf), notLike: not.map(exampleOf) },
      ...{ away: anyNumber("away", options.away), each: options.each === true },
      ...{ count: wholeNumber("count", options.count), ...index === undefined ? {} : { index } },
    };
    return pipe(search(request), TaskEither.map(searchFindings));
  });
}

/** A number is an image of the collection; a file of that name is `./17`. */
function exampleOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
