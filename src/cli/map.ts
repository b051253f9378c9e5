import { Command } from "../dependencies/commander.ts";
import { kebab } from "../config/flags.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { overCollection } from "./collection_command.ts";
import { Failure } from "./failure.ts";
import { entryOf, textsOf, wholeNumber } from "./options.ts";

/** `map`: the images of a collection in two dimensions. */
export function mapCommand(): Command {
  const command = new Command("map")
    .summary("draw a map of a collection, on which similar images lie together")
    .description(
      "Lays the images out in two dimensions by UMAP, and saves the map in the collection. Images that are new are " +
        "placed on the map that is there.",
    )
    .option("--again", "draw a new map")
    .option("--begin-on <name>", "begin a new map on that of these vectors, so that the two can be compared")
    .option("--every", "a map of every encoder's vectors, each begun on the one before")
    .option("--k <n>", "neighbours that an image is drawn to (default 15)")
    .option("--seed <n>", "the same seed gives the same map", "0")
    .option("--out <file>", "write a picture of the map: .svg or .png")
    .option("--colour <name>", "colour the picture by label, split, or a column", "label");
  const examples = [
    "map --in photos.moco --out map.png",
    "map --in photos.moco --every",
    "map --in photos.moco --again --seed 1 --colour split --out map.svg",
  ];
  return overCollection(command, examples, async (asked, options) => {
    const { drawMap, drawMaps, mapFindings, mapsFindings } = await import("../run/draw_map.ts");
    const picture = { path: String(options.out), colour: String(options.colour) };
    const numbers = { ...entryOf(options, "k", wholeNumber), seed: wholeNumber("seed", options.seed, 0) };
    const request = { ...asked, ...numbers, again: options.again === true };
    if (options.every === true) {
      const alone = ["out", "html", "beginOn", "vectors"].filter((name) => options[name] !== undefined);
      if (alone.length > 0) throw new Failure(`Cannot draw every map with --${kebab(alone[0])}: see --help`, 2);
      return pipe(drawMaps(request), TaskEither.map(mapsFindings));
    }
    const { beginOn: from } = textsOf(options, "beginOn");
    return pipe(
      drawMap({ ...request, from, ...options.out === undefined ? {} : { picture } }),
      TaskEither.map(mapFindings),
    );
  });
}
