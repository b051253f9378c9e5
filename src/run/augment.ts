import { resolve } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import { contactSheet, contactSheetOfCrops, type ContactSheetOptions } from "../augment/contact_sheet.ts";
import { writeBytesAtomic } from "../files/atomic.ts";
import { endingIn } from "../files/ending.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { key } from "../core/random.ts";
import { dispose } from "../core/scope.ts";
import { batches } from "../data/loader.ts";
import { sampleViews } from "../data/sample_views.ts";
import { type Dataset, type ImageFiles, isInFiles } from "../data/types.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { configure } from "./configure.ts";
import type { RunError } from "./errors.ts";
import { boxLaws, loadImages } from "./images.ts";
import { unusableAsLeft } from "./unusable_as_left.ts";

/** What {@linkcode drawViews} is asked for. */
export type DrawRequest = PartialConfig & ContactSheetOptions & {
  /** The name of the preset; the fields given here override its own. */
  readonly preset?: string;
  /** The PNG to write. */
  readonly out: string;
  /** Images to draw, one per row. Default 8. */
  readonly images?: number;
  /** Receives messages about loading the images. Default: none. */
  readonly reporter?: Reporter;
};

/**
 * Draws a contact sheet of a configuration's images. Each row shows an image and then augmented views of it.
 *
 * @param request The configuration, the file, and how much is drawn.
 * @returns Right the file that was written, absolute; left why there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawViews } from "@momentum-contrast/moco";
 *
 * const drawn = await drawViews({ preset: "photos", data: { path: "/no/photos" }, out: "sheet.png" })();
 * assertEquals(drawn._tag === "Left" && drawn.left._tag, "UnreadableFile");
 * ```
 */
export function drawViews(request: DrawRequest): TaskEither<RunError, string> {
  const { preset, out, images = 8, views, zoom, reporter = silent, ...fields } = request;
  const path = resolve(out);
  const options = { images, ...views === undefined ? {} : { views }, ...zoom === undefined ? {} : { zoom } };
  return unusableAsLeft(pipe(
    TaskEither.fromEither(endingIn([".png"], path)),
    TaskEither.flatMap(() => configure(fields, { preset })),
    TaskEither.map((config) => ({ config })),
    TaskEither.bindW("loaded", ({ config }) => loadImages(config, reporter.note)),
    TaskEither.flatMap(({ config, loaded: { train } }) => writeBytesAtomic(path, viewSheet(train, config, options))),
    TaskEither.map(() => path),
  ));
}

type Options = ContactSheetOptions & { readonly images: number };

/**
 * A contact sheet of some images as a training with a configuration sees them, a PNG.
 *
 * @param train The images.
 * @param config The configuration.
 * @param options How much is drawn.
 * @throws {UnusableImage} if no image can be used, or one cannot and the configuration says "stop".
 */
export function viewSheet(train: Dataset | ImageFiles, config: Config, options: Options): Uint8Array {
  return isInFiles(train) ? sheetOfFiles(train, config, options) : sheetOfMemory(train, config, options);
}

/** The first batch of an epoch: some images in no order. */
function sheetOfMemory(dataset: Dataset, { augment, training: { seed } }: Config, options: Options): Uint8Array {
  const [batch] = batches({ dataset, batch: Math.min(options.images, dataset.count), seed }).epoch(0);
  const drawn = key(seed);
  const png = contactSheet(batch.images, augment, drawn, options);
  dispose({ batch, drawn });
  return png;
}

/** The same for images in files: crops of whole images, as a training cuts them. */
function sheetOfFiles(files: ImageFiles, config: Config, { images, views = 8, zoom }: Options): Uint8Array {
  const { augment, training: { seed } } = config;
  const { whole, crops } = sampleViews(files, { images, views, size: augment.size, boxes: boxLaws(config), seed });
  const drawn = key(seed);
  const png = contactSheetOfCrops(whole, crops, augment, drawn, zoom === undefined ? {} : { zoom });
  dispose({ whole, drawn });
  crops.forEach(dispose);
  return png;
}
