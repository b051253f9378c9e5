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

/** The most functions that are compiled. Images that would need a further one are treated one by one. */
const MOST = 32;

/** Whether all images have views that are cut out of them in one way. */
export function areAlike(images: readonly PlannedImage[]): images is readonly CutImage[] {
  const [first] = images;
  return images.every(({ cut }) => cut !== undefined && first.cut !== undefined && isSame(cut, first.cut));
}

function isSame(one: Cut, other: Cut): boolean {
  return one.encoding === other.encoding && one.height === other.height && one.width === other.width &&
    one.top === other.top && one.left === other.left;
}

/** The compiled functions, which are kept: TensorFlow forgets none, so one for each pass would fill the memory. */
const compiled = new Map<string, (files: Tensor) => Tensor>();

function keyOf({ cut }: CutImage, { size, channels }: Omit<ViewForm, "views">): string {
  return JSON.stringify([cut, size, channels]);
}

/**
 * Whether a function for images that are alike is worth its time and its memory: there are several of them, and the
 * function is there, or not too many are. A folder may have images of thousands of sizes.
 *
 * @param images The images.
 * @param form The form of the views.
 */
export function isWorthCompiling(images: readonly CutImage[], form: Omit<ViewForm, "views">): boolean {
  return images.length > 1 && (compiled.size < MOST || compiled.has(keyOf(images[0], form)));
}

/**
 * The views of images that are alike. A function is compiled for each form, each number of images and each way in which
 * their views are cut.
 *
 * @param images The images.
 * @param form The form of the views, of which an image has one.
 * @returns uint8 [N, size, size, channels], which the caller frees.
 * @throws if one of the images cannot be decoded.
 */
export function alikeViews(images: readonly CutImage[], form: Omit<ViewForm, "views">): Tensor {
  const [{ cut }] = images;
  const { size, channels } = form;
  const key = keyOf(images[0], form);
  const views = compiled.get(key) ??
    jit((files: Tensor) => squares(decodeFiles(cut.encoding, files, cut), cut, size, channels), { name: "views" });
  compiled.set(key, views);
  const files = images.map(({ source }) => source);
  return scope(() => views(tf.tensor1d(files as unknown as string[], "string"))); // of bytes, as tfjs holds text too
}
