/**
 * Views of images that are alike, made for all of them at once.
 *
 * Where every image of a folder is small, of one size and of one encoding, more time goes into choosing how each is
 * treated than into treating it. A function is compiled that treats a whole batch of them in one way.
 *
 * @module
 */
import { jit, type Tensor, tf } from "../engine/mod.ts";
import { decodeFiles, squares } from "../engine/ops/mod.ts";
import { scope } from "../core/scope.ts";
import type { Cut } from "./cut.ts";
import type { PlannedImage } from "./planned_image.ts";
import type { ViewForm } from "./view_plan.ts";

/** An image whose view is cut out of it. */
export type CutImage = PlannedImage & { readonly cut: Cut };

/** Whether all images have views that are cut out of them in one way. */
export function areAlike(images: readonly PlannedImage[]): images is readonly CutImage[] {
  const [first] = images;
  return images.every(({ cut }) => cut !== undefined && first.cut !== undefined && isSame(cut, first.cut));
}

function isSame(one: Cut, other: Cut): boolean {
  return one.encoding === other.encoding && one.height === other.height && one.width === other.width &&
    one.top === other.top && one.left === other.left;
}

/** Makes the views of images that are alike. */
export type AlikeViews = (images: readonly CutImage[]) => Tensor;

/**
 * A maker of views. It compiles a function for each number of images and each way in which their views are cut.
 *
 * @param form The form of the views, of which an image has one.
 * @returns From images that are alike to uint8 [N, size, size, channels], which the caller frees. It throws if one of
 * them cannot be decoded.
 */
export function alikeViews({ size, channels }: Omit<ViewForm, "views">): AlikeViews {
  const made = new Map<string, (files: Tensor) => Tensor>();
  return (images) => {
    const [{ cut }] = images;
    const key = JSON.stringify(cut);
    const views = made.get(key) ??
      jit((files: Tensor) => squares(decodeFiles(cut.encoding, files, cut), cut, size, channels), { name: "views" });
    made.set(key, views);
    const files = images.map(({ source }) => source);
    return scope(() => views(tf.tensor1d(files as unknown as string[], "string"))); // of bytes, as tfjs holds text too
  };
}
