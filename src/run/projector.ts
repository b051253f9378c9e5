import { join, sep } from "node:path";
import type { Config } from "../config/types.ts";
import { pipe, TaskEither } from "../core/either.ts";
import { printableLine } from "../core/printable.ts";
import { dispose } from "../core/scope.ts";
import { limited, select } from "../data/select.ts";
import { type Dataset, type ImageFiles, isInFiles, type Split } from "../data/types.ts";
import type { Tensor } from "../engine/mod.ts";
import { labelledFeatures } from "../evaluate/features.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { MethodState } from "../methods/types.ts";
import { runPaths } from "../train/run_folder.ts";
import { featuresOf } from "./features.ts";

/** The most images that the projector is given: it lays them out in the browser. */
const MOST = 2000;

/** What TensorBoard's projector reads first. */
const projectorConfig = `embeddings {
  tensor_name: "features"
  tensor_path: "features.tsv"
  metadata_path: "images.tsv"
}
`;

/** A run that has ended. */
export type ProjectedRun = {
  readonly config: Config;
  readonly images: Split;
  /** The run's folder. */
  readonly folder: string;
  /** Its last state; borrowed. */
  readonly state: MethodState;
};

/**
 * Writes what TensorBoard's embedding projector reads: the features of some training images, and what the images are.
 *
 * @param run The run.
 */
export function writeProjector(
  { config, images: { train }, folder, state }: ProjectedRun,
): TaskEither<UnwritableFile, void> {
  const { tensorboard } = runPaths(folder);
  const features = featuresOf(config);
  return pipe(
    TaskEither.fromTask(() => rowsOf(train, (images) => features(state, images))),
    TaskEither.flatMap(({ vectors, images }) =>
      pipe(
        writeTextAtomic(join(tensorboard, "features.tsv"), vectors),
        TaskEither.flatMap(() => writeTextAtomic(join(tensorboard, "images.tsv"), images)),
      )
    ),
    TaskEither.flatMap(() => writeTextAtomic(join(tensorboard, "projector_config.pbtxt"), projectorConfig)),
  );
}

/** A row for each image, numbers and words separated by tabs. */
async function rowsOf(
  train: Dataset | ImageFiles,
  encode: (images: Tensor) => Tensor,
): Promise<{ readonly vectors: string; readonly images: string }> {
  const places = limited(train.count, Math.min(MOST, train.count), train.labels);
  const chosen = select(train, places);
  const numbered = { ...chosen, labels: Int32Array.from(places.keys()) }; // images that cannot be used are left out
  const { features, labels: used } = await labelledFeatures(encode, numbered);
  const [count, dim] = features.shape;
  const values = features.dataSync<"float32">();
  dispose({ features });
  const vectors = Array.from(
    { length: count },
    (_, row) =>
      `${Array.from(values.subarray(row * dim, (row + 1) * dim), (value) => value.toPrecision(6)).join("\t")}\n`,
  );
  const images = Array.from(used, (place) => {
    const name = isInFiles(chosen) ? chosen.paths[place].split(sep).slice(-2).join("/") : `train/${places[place]}`;
    const label = train.labels?.[places[place]];
    return `${printableLine(name)}\t${
      label === undefined ? "" : printableLine(train.classes?.[label] ?? `${label}`)
    }\n`;
  });
  return { vectors: vectors.join(""), images: `image\tclass\n${images.join("")}` };
}
