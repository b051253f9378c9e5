import { Command } from "../dependencies/commander.ts";
import { counted } from "../core/counted.ts";
import { fromOptions } from "../config/read_flags.ts";
import type { PartialConfig } from "../config/types.ts";
import { renderEmbedded } from "../run/embedded_text.ts";
import { watchSignals } from "../run/watch_signals.ts";
import { Failure, orFail } from "./failure.ts";
import {
  encoderOf,
  oneOf,
  type Options,
  requireOptions,
  textsOf,
  wholeNumber,
  withEvaluationFields,
} from "./options.ts";
import { invokedAs, startedByTask } from "./shell.ts";
import { print } from "./terminal.ts";
import { clusterOf, launched, withWorkers } from "./workers.ts";

/** `embed`: the vectors of a folder of images, in a collection. */
export function embedCommand(): Command {
  const command = new Command("embed")
    .summary("embed images into a collection, to search and explore them")
    .description(
      "Writes a vector for each image into a collection, a SQLite file. Only new and changed images are embedded, " +
        "and those that are gone are marked. Ctrl-C saves, and the same command goes on from there. Without a folder " +
        "or --data, the images are those that the run was trained on.",
    )
    .argument("[folder]", "a folder of images")
    .option("--to <collection>", "required: the collection, which is made where it is not there")
    .option("--run <folder>", "a run's folder: its newest whole checkpoint")
    .option("--checkpoint <file>", "a checkpoint, in place of --run: see moco import")
    .option("--weights <file>", "another program's weights, in place of --run: a .pth, .bin or .safetensors file")
    .option("--as <name>", "a name for the vectors, to keep them beside those of other encoders")
    .option("--every-checkpoint", "with --run: vectors by each checkpoint that the run has kept, beside each other")
    .option("--columns <file>", "a CSV file with a column path, whose other columns are joined to the images")
    .option("--batch <n>", "images of a batch; two batches are embedded at a time", "128")
    .addHelpText(
      "after",
      `
Examples:
  ${invokedAs()} embed my-photos --run runs/photos --to photos.moco
  ${invokedAs()} embed my-photos --weights resnet50.pth --to photos.moco --as resnet50
  ${invokedAs()} embed my-photos --run runs/photos --to photos.moco --columns cameras.csv
  ${invokedAs()} embed my-photos --run runs/photos --to photos.moco --every-checkpoint
  ${invokedAs()} embed my-photos --run runs/photos --to photos.moco --workers 2
  ${invokedAs()} embed --data fashion-mnist --run runs/demo --to fashion.moco`,
    )
    .action(run);
  return withEvaluationFields(withWorkers(command, "the images"));
}

async function run(folder: string | undefined, options: Options): Promise<void> {
  requireOptions(options, "to");
  const [named, from] = oneOf(options, "run", "checkpoint", "weights");
  const fields = fromOptions(options) as PartialConfig;
  const isEvery = options.everyCheckpoint === true;
  if (isEvery && (named !== "run" || options.as !== undefined)) {
    throw new Failure("Cannot embed every checkpoint without --run, or with --as: see --help", 2);
  }
  if (folder !== undefined && fields.data?.path !== undefined) {
    throw new Failure("Cannot embed both a folder and what --path names: see --help", 2);
  }
  const cluster = clusterOf(options);
  if (await launched(options)) return;
  const { embed, embedCheckpoints } = await import("../run/embed.ts");
  const { status, ...watch } = watchSignals(startedByTask());
  const request = {
    ...fields,
    ...folder === undefined ? {} : { data: { name: "folder" as const, path: folder, ...fields.data } },
    to: String(options.to),
    ...textsOf(options, "columns"),
    batch: wholeNumber("batch", options.batch),
    ...watch,
    cluster,
  };
  const outcomes = isEvery
    ? await orFail(embedCheckpoints({ ...request, run: from }))
    : [await orFail(embed({ ...request, ...encoderOf(named, from), ...textsOf(options, "as") }))];
  const last = outcomes.at(-1)!;
  const isFirst = (last.cluster?.rank ?? 0) === 0;
  if (!isFirst) Deno.exit(last._tag === "Interrupted" ? status() : 0); // the first one tells
  outcomes.forEach((outcome) => print(renderEmbedded(outcome)));
  if (last._tag === "Interrupted") {
    throw new Failure(`Stopped with ${counted(last.left, "image")} to embed. Go on with the same command.`, status());
  }
}
