import { Command } from "../dependencies/commander.ts";
import { counted } from "../core/counted.ts";
import { Failure, orFail } from "./failure.ts";
import { type Options, requireOptions, textsOf } from "./options.ts";
import { invokedAs } from "./shell.ts";
import { print } from "./terminal.ts";

/** `collection`: what else can be done with a collection. */
export function collectionCommand(): Command {
  const command = new Command("collection")
    .summary("write a collection as other programs read it")
    .description("Writes a collection as other programs read it.");
  command.addCommand(
    new Command("export")
      .summary("write a collection as Parquet, CSV or .npy")
      .description(
        "Writes a row for each image: what is known of it, its place on the map and its cluster if there are any, " +
          "the columns that were joined, and its vector. With npy, the vectors are a matrix, and a CSV file beside " +
          "it has the rest.",
      )
      .argument("<collection>", "the collection's file")
      .option("--format <name>", "required: parquet, csv or npy")
      .option("--out <file>", "required: the file to write")
      .option("--vectors <name>", "which of its vectors, if it has those of several encoders")
      .addHelpText(
        "after",
        `
Examples:
  ${invokedAs()} collection export photos.moco --format parquet --out photos.parquet
  ${invokedAs()} collection export photos.moco --format npy --out photos.npy`,
      )
      .action(run),
  );
  return command;
}

async function run(collection: string, options: Options): Promise<void> {
  requireOptions(options, "format", "out");
  const { exportCollection, isCollectionFormat, collectionFormats } = await import("../run/export_collection.ts");
  const format = String(options.format);
  if (!isCollectionFormat(format)) {
    throw new Failure(`Cannot use --format: expected one of ${collectionFormats.join(", ")}, found "${format}"`, 2);
  }
  const request = { collection, format, out: String(options.out), ...textsOf(options, "vectors") };
  const { files, images } = await orFail(exportCollection(request));
  print(`Wrote ${counted(images, "image")}: ${files.join(", ")}`);
}
