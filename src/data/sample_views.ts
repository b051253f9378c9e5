/**
 * Some images of a data set in files, and random crops of them: to look at what a training sees.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { op, type Tensor } from "../engine/mod.ts";
import { type BoxLaw, randomBox, viewDraws } from "./crop_box.ts";
import { placeOf } from "./image_source.ts";
import { resizedBox } from "./placement.ts";
import { planImage } from "./planned_image.ts";
import { epochOrder } from "./shuffle.ts";
import type { ImageFiles, SkippedImage } from "./types.ts";
import { decodingReason, UnusableImage } from "./unusable.ts";
import { viewStream } from "./view_stream.ts";

/** What {@linkcode sampleViews} draws. */
export type SampleViewsOptions = {
  /** The most images. */
  readonly images: number;
  /** Crops of each. */
  readonly views: number;
  /** Rows and columns of each, pixels. */
  readonly size: number;
  /** How the boxes of crops are drawn; the laws take turns. */
  readonly boxes: readonly [BoxLaw, BoxLaw];
  /** Determines the images and the boxes. */
  readonly seed: number;
};

/** Images and crops of them. The caller frees the tensors. */
export type SampleViews = {
  /** The whole images, resized without keeping their proportions, uint8 [N, size, size, C]. */
  readonly whole: Tensor;
  /** The first crop of each image, the second crop of each, and so on, uint8 [N, size, size, C]. */
  readonly crops: readonly Tensor[];
};

/**
 * The first images of an epoch that can be used, and crops of them by the laws of a training.
 *
 * @param files The images.
 * @param options How many, and how they are cropped.
 * @throws {UnusableImage} if an image cannot be used and the data set says "stop", or if no image can be used.
 */
export function sampleViews(files: ImageFiles, options: SampleViewsOptions): SampleViews {
  const { images, views, size, boxes, seed } = options;
  const stream = viewStream({ views: 1 + views, size, channels: files.channels, batch: 1 });
  const rows: Tensor[][] = [];
  let skipped: SkippedImage | undefined;
  const skip = (path: string, reason: string): void => {
    skipped = { path, reason };
    if (files.onUnreadable === "stop") throw new UnusableImage(skipped);
  };
  try {
    for (const [place, image] of epochOrder(seed, 0, files.count).entries()) {
      if (rows.length === images) break;
      const path = files.paths[image];
      const placements = (height: number, width: number) => [
        resizedBox({ top: 0, left: 0, height, width }, size),
        ...Array.from({ length: views }, (_, view) => {
          const draws = viewDraws(seed, Math.floor(view / 2), place, view % 2);
          return resizedBox(randomBox(height, width, boxes[view % 2], draws), size);
        }),
      ];
      const planned = planImage(placeOf(files, image), placements, size, files);
      if (Either.isLeft(planned)) {
        skip(path, planned.left);
        continue;
      }
      const [made] = stream.each([planned.right]);
      if (made instanceof Error) skip(path, decodingReason(made));
      else rows.push(made);
    }
    if (rows.length === 0) throw new UnusableImage(skipped!);
    const [whole, ...crops] = rows[0].map((_, column) => op("Pack", [rows.map((row) => row[column])], { axis: 0 })[0]);
    return { whole, crops };
  } finally {
    rows.flat().forEach(dispose);
    stream.close();
  }
}
