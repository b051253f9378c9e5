/**
 * One image as an encoder sees it: where the encoder looks, and the views that it was trained on.
 *
 * @module
 */
import { views } from "../augment/recipe.ts";
import type { Config } from "../config/types.ts";
import { key, split } from "../core/random.ts";
import { dispose, scope } from "../core/scope.ts";
import { shorterSide } from "../data/central_views.ts";
import { imagesInOrder } from "../data/in_order.ts";
import { sampleViews } from "../data/sample_views.ts";
import { type Dataset, type ImageFiles, isInFiles } from "../data/types.ts";
import { fromBytes, op, type Tensor, tf } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import type { OpenedEncoder } from "./encoder.ts";
import type { FocusInfo } from "./focus_info.ts";
import { boxLaws } from "./images.ts";

/** Where an encoder looks in an image. */
export type ImageFocus = {
  readonly info: FocusInfo;
  /** float32 [maps, rows, columns]. */
  readonly values: Float32Array;
};

/**
 * Where an encoder looks in an image.
 *
 * @param encoder The encoder.
 * @param image The data set of that image alone, of the encoder's size and channels.
 * @throws {Error} if the image cannot be read, or the encoder does not say where it looks.
 */
export function focusOn({ focus, config: { augment } }: OpenedEncoder, image: Dataset | ImageFiles): ImageFocus {
  if (focus === undefined) throw new Error("Cannot show where the encoder looks: it does not say");
  for (const { images, sizes: [whole] } of imagesInOrder(image, 1)) {
    const values = scope(() => focus.maps(images));
    dispose({ images });
    const [, maps, rows, columns] = values.shape as [number, number, number, number];
    const read = isInFiles(image) ? image.height / shorterSide(whole, { ...image, size: image.height }) : 1;
    const seen = { isCentral: isInFiles(image), crop: read * (augment.evaluationCrop ?? 1) };
    const found = { info: { kind: focus.kind, maps, rows, columns, ...seen }, values: values.dataSync<"float32">() };
    dispose({ values });
    return found;
  }
  throw new Error("Cannot show where the encoder looks: the image cannot be read");
}

/**
 * Two views of an image as a training made them, side by side.
 *
 * @param config The training's configuration.
 * @param image The data set of that image alone.
 * @param seed Determines the views.
 * @returns A PNG of `size` rows and twice as many columns.
 */
export function viewsOf(config: Config, image: Dataset | ImageFiles, seed: number): Uint8Array<ArrayBuffer> {
  const { augment } = config;
  return scope(() => {
    const [first, second] = isInFiles(image) ? cropsOf(config, image, seed) : [pixelsOf(image), pixelsOf(image)];
    const [firstKey, secondKey] = split(key(seed));
    const drawn = (view: 1 | 2) => views({ ...augment, view, crop: !isInFiles(image) });
    const pair = tf.concat([drawn(1)(firstKey, first), drawn(2)(secondKey, second)], 2); // [1, size, 2 size, C]
    const pixels = tf.round(tf.mul(tf.squeeze(pair, [0]), 255));
    return encodePng(op("Cast", [pixels], { DstT: "uint8" })[0]) as Uint8Array<ArrayBuffer>;
  });
}

function cropsOf(config: Config, files: ImageFiles, seed: number): readonly [Tensor, Tensor] {
  const { whole, crops } = sampleViews(files, {
    ...{ images: 1, views: 2, size: config.augment.size, boxes: boxLaws(config), seed },
  });
  dispose({ whole });
  return [crops[0], crops[1]];
}

function pixelsOf({ images, height, width, channels }: Dataset): Tensor {
  return fromBytes(images, [1, height, width, channels]);
}
