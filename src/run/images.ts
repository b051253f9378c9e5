/**
 * The images of a configuration: loaded, held out for tests, and in batches.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Config } from "../config/types.ts";
import { printableLine } from "../core/printable.ts";
import type { BoxLaw } from "../data/crop_box.ts";
import { withCopies } from "../data/copies.ts";
import { counted } from "../core/counted.ts";
import type { DataError } from "../data/errors.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { loadDataset } from "../data/load.ts";
import { batches } from "../data/loader.ts";
import { limited, select } from "../data/select.ts";
import {
  type Batch,
  type Batches,
  type Dataset,
  type ImageFiles,
  isInFiles,
  type SkippedImage,
  type Split,
} from "../data/types.ts";
import type { Crops } from "../augment/types.ts";
import { viewBatches } from "../data/view_batches.ts";
import { withChannels } from "../data/with_channels.ts";
import { recipeNumbers } from "../augment/recipe.ts";
import { type Part, whole } from "../core/devices.ts";
import type { Tensor } from "../engine/mod.ts";
import { centralSquare } from "./central_square.ts";
import { remembersImages } from "./counts.ts";
import type { NoLabels, NoneToHoldOut, TooFewImages } from "./errors.ts";

/** A data set whose images have labels. */
export type LabelledDataset<D extends Dataset | ImageFiles = Dataset | ImageFiles> = D & {
  readonly labels: NonNullable<D["labels"]>;
};

/** Labelled images to train on, and others to test with. */
export type LabelledSplit<D extends Dataset | ImageFiles = Dataset | ImageFiles> = {
  readonly train: LabelledDataset<D>;
  readonly test: LabelledDataset<D>;
};

/** Receives messages for the user, one line each. */
export type Note = (text: string) => void;

/**
 * The images of a configuration.
 *
 * @param config The configuration.
 * @param note Receives messages about downloads, progress and files that are passed over. Default: none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultConfig, loadImages, renderDataError } from "@momentum-contrast/moco";
 *
 * const loaded = await loadImages({ ...defaultConfig, data: { ...defaultConfig.data, path: "/no/such/folder" } })();
 * assertEquals(
 *   loaded._tag === "Left" && renderDataError(loaded.left),
 *   "Cannot read /no/such/folder: no such file or folder",
 * );
 * ```
 */
export function loadImages(config: Config, note: Note = () => {}): TaskEither<DataError | UnwritableFile, Split> {
  const { data, augment } = config;
  const notify = (line: string) => note(printableLine(line));
  const { size, ...shorter } = centralSquare(augment);
  const seen = <D extends Dataset | ImageFiles>(images: D): D => isInFiles(images) ? { ...images, ...shorter } : images;
  return pipe(
    loadDataset(data, { size, notify }),
    TaskEither.map(({ train, test }) => ({
      split: { train: seen(train), ...test === undefined ? {} : { test: seen(test) } } as Split,
    })),
    TaskEither.bindW("train", ({ split: { train } }) => copied(train, config, notify)),
    TaskEither.bindW(
      "test",
      ({ split: { test } }) => test === undefined ? TaskEither.right(test) : copied(test, config, notify),
    ),
    TaskEither.map(({ train, test }): Split => ({ train, ...test === undefined ? {} : { test } })),
  );
}

/** Images, with smaller copies in the place of large ones where the configuration says where to keep them. */
function copied(
  images: Dataset | ImageFiles,
  config: Config,
  notify: Note,
): TaskEither<UnwritableFile, Dataset | ImageFiles> {
  const { data, augment } = config;
  if (!isInFiles(images) || !("cache" in data) || data.cache === undefined) return TaskEither.right(images);
  const { path: root = "", cache } = data;
  // The smallest crop of a copy is still as large as a view, so that no view is enlarged because of the copy.
  const smallest = boxLaws(config).map(({ scale, ratio }) => Math.sqrt(scale[0] * Math.min(ratio[0], 1 / ratio[1])));
  const square = centralSquare(augment);
  const shorter = Math.ceil(Math.max(augment.size / Math.min(...smallest), square.shorter ?? square.size * 8 / 7));
  return withCopies(images, { cache, root, shorter, notify });
}

/** The images in as many channels as an encoder takes: grey ones as colours, and colours as their grey. */
export function inChannels(split: Split, channels: number): Split {
  const converted = <D extends Dataset | ImageFiles>(images: D): D =>
    isInFiles(images)
      ? { ...images, channels: channels === 1 ? 1 : 3 }
      : withChannels(images as Dataset, channels === 1 ? 1 : 3) as D;
  return { train: converted(split.train), ...split.test === undefined ? {} : { test: converted(split.test) } };
}

/** Whether every image has a label. */
export function isLabelled<D extends Dataset | ImageFiles>(data: D | undefined): data is LabelledDataset<D> {
  return data?.labels !== undefined;
}

/**
 * Images to evaluate on. If there are no test images, every fifth image of each class is held out, and one image of
 * each class with two to four.
 *
 * @param split The images there are.
 * @param from Where they come from, for messages.
 * @param note Receives a message if images are held out. Default: none.
 * @returns Right the labelled images; left where there are no labels, or too few images to hold some out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holdOut } from "@momentum-contrast/moco";
 *
 * const images = Uint8Array.of(1, 2, 3, 4, 5, 6);
 * const labels = Uint8Array.of(0, 0, 0, 0, 0, 1);
 * const train = { name: "six", images, labels, count: 6, height: 1, width: 1, channels: 1 };
 * const held = holdOut({ train }, "six");
 * assertEquals(held._tag === "Right" && [...held.right.test.images], [5]);
 * ```
 */
export function holdOut<D extends Dataset | ImageFiles>(
  { train, test }: Split<D>,
  from: string,
  note: Note = () => {},
): Either<NoLabels | NoneToHoldOut, LabelledSplit<D>> {
  if (!isLabelled(train) || (test !== undefined && !isLabelled(test))) {
    return Either.left({ _tag: "NoLabels", data: from });
  }
  if (test !== undefined) return Either.right({ train, test });
  const counts = new Map<number, number>();
  for (const label of train.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const seen = new Map<number, number>();
  const isHeldOut = Array.from(train.labels, (label) => {
    const place = seen.get(label) ?? 0;
    const count = counts.get(label)!;
    seen.set(label, place + 1);
    return place % FIFTH === FIFTH - 1 || (1 < count && count < FIFTH && place === count - 1);
  });
  const rows = Array.from(isHeldOut, (_, row) => row);
  const held = rows.filter((row) => isHeldOut[row]);
  if (held.length === 0) return Either.left({ _tag: "NoneToHoldOut", data: from, count: train.count });
  note(`Note: ${from} has no test images; every fifth of each class is held out, ${held.length} in all.`);
  const single = [...counts].filter(([, count]) => count === 1).map(([label]) => train.classes?.[label] ?? label);
  if (single.length > 0) {
    note(`Warning: not measured, for there is one image only: ${listed(single)}.`);
  }
  return Either.right({ train: part(train, rows.filter((row) => !isHeldOut[row])), test: part(train, held) });
}

/** One image in this many is held out; of a smaller class, one image. */
const FIFTH = 5;

/** Names, of which the first few are written out. */
function listed(names: readonly unknown[]): string {
  const more = names.length - 5;
  return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Where the images of a configuration come from, for messages. */
export function sourceOf({ data }: Config): string {
  return data.path ?? data.name;
}

/** The images at some places of a labelled data set. */
export function part<D extends Dataset | ImageFiles>(
  data: LabelledDataset<D>,
  rows: readonly number[],
): LabelledDataset<D> {
  return select(data, rows);
}

/** At most `most` images, as many of each class as of every other. */
export function some<D extends Dataset | ImageFiles>(data: LabelledDataset<D>, most: number): LabelledDataset<D> {
  return data.count <= most ? data : part(data, limited(data.count, most, data.labels));
}

/** How a configuration draws the boxes of the first and of the second view. */
export function boxLaws({ augment }: Config): readonly [BoxLaw, BoxLaw] {
  const law = (view: 1 | 2): BoxLaw => {
    const { cropScale, cropRatio } = recipeNumbers({ ...augment, view });
    return { scale: cropScale, ratio: cropRatio };
  };
  return [law(1), law(2)];
}

/** How many images that cannot be used are named before the rest is only counted. */
const NAMED = 5;

/**
 * The batches that a configuration trains on; left where the images do not fill one.
 *
 * @param train The images.
 * @param config The configuration.
 * @param note Receives a message about every image that cannot be used. Default: none.
 * @param part The part of every batch that comes. Default: the whole.
 */
export function batchesOf(
  train: Dataset | ImageFiles,
  config: Config,
  note: Note = () => {},
  part: Part = whole,
): Either<TooFewImages, Batches<Generator<Batch<Tensor | Crops>>>> {
  const { augment, training: { batch, seed } } = config;
  const others = remembersImages(config);
  if (batch > train.count || (others && batch === train.count)) {
    return Either.left({ _tag: "TooFewImages", data: train.name, count: train.count, batch, others });
  }
  const own = { batch: batch / part.count, part };
  if (!isInFiles(train)) return Either.right({ ...batches({ dataset: train, seed, ...own }), size: batch });
  const { channels, limits, recover, onUnreadable } = train;
  let named = 0;
  const onSkip = ({ path, reason }: SkippedImage) => {
    if (named++ < NAMED) note(printableLine(`Skipped ${path}: ${reason}`));
  };
  const options = { source: train, ...own, seed, size: augment.size, channels, limits, recover, onUnreadable, onSkip };
  const made = viewBatches({ ...options, boxes: boxLaws(config) });
  const close = () => {
    made.close();
    if (made.skipped.size > NAMED) note(`Skipped ${counted(made.skipped.size, "image")} that cannot be used`);
  };
  return Either.right({ ...made, size: batch, close });
}
