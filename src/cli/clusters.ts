import { Command } from "../dependencies/commander.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { overCollection } from "./collection_command.ts";
import { wholeNumber } from "./options.ts";

/** `clusters`: the images of a collection in groups that lie together. */
export function clustersCommand(): Command {
  const command = new Command("clusters")
    .summary("divide the images of a collection into clusters")
    .description("Divides the images into clusters by spherical k-means, and saves the clusters in the collection.")
    .option("-n, --count <n>", "how many clusters to make", "20")
    .option("--seed <n>", "the same seed gives the same clusters", "0");
  return overCollection(command, ["clusters --in photos.moco -n 50 --html clusters.html"], async (asked, options) => {
    const { clusterFindings, clusters } = await import("../run/clusters.ts");
    const numbers = { count: wholeNumber("count", options.count), seed: wholeNumber("seed", options.seed, 0) };
    return pipe(clusters({ ...asked, ...numbers }), TaskEither.map(clusterFindings));
  });
}
