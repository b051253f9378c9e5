import type { AugmentSettings } from "../augment/recipe_settings.ts";
import type { Config } from "../config/types.ts";
import { shorterSide } from "../data/central_views.ts";

/** The central square of an image in a file that is read for an encoder, pixels. */
export type CentralSquare = {
  /** Rows and columns of what is read. */
  readonly size: number;
  /** The shorter side of the whole image, where it is not that of all evaluations: 8/7 of `size`, if it is larger. */
  readonly shorter?: number;
};

/**
 * The central square that is read of images in files for an evaluation. Where the encoder sees a share of it
 * (`augment.evaluationCrop`), the square is the image's largest, and so large that the share has the encoder's size:
 * the image is then resized once and cut once, as torchvision's `Resize` and `CenterCrop` do it.
 */
export function centralSquare(
  { size, evaluationSize = size, evaluationCrop }: Pick<AugmentSettings, "size" | "evaluationSize" | "evaluationCrop">,
): CentralSquare {
  if (evaluationCrop === undefined) return { size: evaluationSize };
  const shorter = Math.round(evaluationSize / evaluationCrop);
  return { size: shorter, shorter };
}

/** The sides of images that stay in their files, pixels; those of a folder may be as large as any. */
const sides: Readonly<Record<string, number>> = { folder: Infinity, stl10: 96 };

/** The share of an image's shorter side that an evaluation sees, in (0, 1]; of a folder, that of its larger images. */
export function shareSeen({ data, augment }: Config): number {
  const { size, evaluationSize = size, evaluationCrop } = augment;
  const side = Object.hasOwn(sides, data.name) ? sides[data.name] : evaluationSize;
  return evaluationCrop ?? evaluationSize / shorterSide({ height: side, width: side }, { size: evaluationSize });
}
