/**
 * Data as commands load them.
 *
 * @module
 */
import type { Config } from "../config/types.ts";
import { renderDataError } from "../data/errors.ts";
import { loadDataset } from "../data/load.ts";
import { batches } from "../data/loader.ts";
import { select } from "../data/select.ts";
import type { Batch, Batches, Dataset, Split } from "../data/types.ts";
import { Failure } from "./failure.ts";
import { orFail } from "./files.ts";

/** A data set whose images have labels. */
export type Labelled = Dataset & { readonly labels: NonNullable<Dataset["labels"]> };

/** The images of a configuration; what a user should know of them goes to stderr. */
export function loadImages({ data, augment }: Config): Promise<Split> {
  return orFail(loadDataset(data, { viewSize: augment.size }), renderDataError);
}

/** Whether every image has a label. */
export function isLabelled(data: Dataset | undefined): data is Labelled {
  return data?.labels !== undefined;
}

/** Labelled training and test images to measure with. */
export async function loadLabelled(
  config: Config,
): Promise<{ readonly train: Labelled; readonly test: Labelled }> {
  return labelled(config, await loadImages(config));
}

/**
 * The same images, once it is known that they can be measured with. Where there are no test images, a fifth of each class
 * is held out.
 *
 * @throws {Failure} where there are no labels.
 */
export function labelled(
  { data }: Config,
  { train, test }: Split,
): { readonly train: Labelled; readonly test: Labelled } {
  const from = data.path ?? data.name;
  if (!isLabelled(train) || (test !== undefined && !isLabelled(test))) {
    throw new Failure(
      `Cannot measure with ${from}: expected labelled images, as a folder for each class, found images without labels. ` +
        "Give labelled ones with --path.",
    );
  }
  if (test !== undefined) return { train, test };
  const seen = new Map<number, number>();
  const isHeldOut = Array.from(train.labels, (label) => {
    const place = seen.get(label) ?? 0;
    seen.set(label, place + 1);
    return place % 5 === 4;
  });
  const rows = Array.from(isHeldOut, (_, row) => row);
  const held = rows.filter((row) => isHeldOut[row]);
  if (held.length === 0) {
    throw new Failure(`Cannot measure with ${from}: expected 5 images of a class or more, found ${train.count} in all`);
  }
  console.error(`Note: ${from} has no test images; every fifth of each class is held out, ${held.length} in all.`);
  const part = (chosen: readonly number[]) => select(train, chosen) as Labelled;
  return { train: part(rows.filter((row) => !isHeldOut[row])), test: part(held) };
}

/** The batches that a configuration trains on. */
export function batchesOf(
  train: Dataset,
  { method, training: { batch, seed } }: Config,
): Batches<Generator<Batch, void, undefined>> {
  const isBank = method.name === "memory-bank";
  if (batch > train.count || (isBank && batch === train.count)) {
    const more = isBank ? " and others to sample negatives from" : "";
    throw new Failure(
      `Cannot train on ${train.name}: expected at least one batch of ${batch} images${more}, found ${train.count} ` +
        "images. Lower --batch (and --queue with it).",
    );
  }
  return batches({ dataset: train, batch, seed });
}
