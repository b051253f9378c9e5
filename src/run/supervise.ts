/**
 * What learning from labels asks of a configuration and its images.
 *
 * @module
 */
import { counted } from "../core/counted.ts";
import { Either } from "../core/either.ts";
import { learnsFromLabels } from "../config/build.ts";
import type { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { shareOfEachClass } from "../data/label_share.ts";
import type { Dataset, ImageFiles, Split } from "../data/types.ts";
import { countClasses } from "../evaluate/scores.ts";
import type { BadConfig } from "./configure_errors.ts";
import type { NoLabels } from "./errors.ts";
import { isLabelled, type LabelledDataset, type Note, part, sourceOf } from "./images.ts";

/** A configuration and the images that it is trained on. */
export type Prepared = { readonly config: Config; readonly images: Split };

/**
 * A configuration that learns from labels, with the number of classes that there are, with the share of the images that
 * it asks for, and with a batch that they fill. Any other configuration comes back as it is.
 *
 * @param prepared The configuration and all its images.
 * @param workers How many processes share a batch.
 * @param note Receives a message that says how many images are learned from.
 * @returns Left where the images have no labels, or more classes than the configuration says.
 */
export function supervised(
  { config, images }: Prepared,
  workers: number,
  note: Note,
): Either<NoLabels | BadConfig, Prepared> {
  const { method, training } = config;
  if (!learnsFromLabels(method)) return Either.right({ config, images });
  if (!isLabelled(images.train)) return Either.left({ _tag: "NoLabels", data: sourceOf(config) });
  const found = classesOf(images.train, images.test);
  const { classes = found, labelShare } = method;
  const least = Math.max(2, found); // one class is nothing to tell apart
  if (classes < least) {
    const fault = {
      _tag: "Conflict" as const,
      path: "method.classes",
      expected: `at least ${least} classes, for ${sourceOf(config)} has ${found}`,
      found: `${classes}`,
    };
    return Either.left({ _tag: "BadConfig", faults: [fault] });
  }
  const train = labelShare === 1
    ? images.train
    : part(images.train, shareOfEachClass(images.train.labels, labelShare, training.seed));
  const unit = Math.max(workers, method.groups); // a batch is cut into as many equal parts
  const batch = train.count < training.batch ? train.count - train.count % unit : training.batch;
  if (batch === 0) {
    const found = counted(train.count, "labelled image");
    return Either.left({ _tag: "BadConfig", faults: [tooFew(unit, found, unit === workers)] });
  }
  note(`Learns from the labels of ${counted(train.count, "image")} of ${found} classes, ${batch} a step`);
  return Either.right({
    config: { ...config, method: { ...method, classes }, training: { ...training, batch } },
    images: { ...images, train },
  });
}

/** The fault of images that are fewer than the parts that a batch is cut into. */
function tooFew(parts: number, found: string, areWorkers: boolean): ConfigError {
  const what = areWorkers ? "workers" : "groups of batch norm";
  const path = areWorkers ? "training.batch" : "method.groups";
  return { _tag: "Conflict", path, expected: `an image for each of the ${parts} ${what}`, found };
}

function classesOf(train: LabelledDataset, test: Dataset | ImageFiles | undefined): number {
  return Math.max(train.classes?.length ?? 0, countClasses(train.labels, test?.labels ?? []));
}
