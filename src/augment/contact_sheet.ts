import { op, type Tensor, tf } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { batchShape } from "./check.ts";
import { type RecipeOptions, resized, unit, views } from "./recipe.ts";

/** Options of {@linkcode contactSheet}. */
export type ContactSheetOptions = {
  /** Augmented views of each image. Default 8. */
  readonly views?: number;
  /** The zoom: pixels of the sheet per pixel of a view, along each axis. Default: so that a view takes 64 pixels. */
  readonly zoom?: number;
};

const gap = 4;

/**
 * A picture of what a recipe does: a row for each image, with the image itself first and augmented views after it. If
 * the two views of the recipe differ (v3), they alternate.
 *
 * @param images [N, H, W, C], uint8 in [0, 255] or float32 in [0, 1], C = 1 or 3.
 * @param recipe The recipe; nothing is normalised.
 * @param key int32 [2].
 * @param options The number of views and the zoom.
 * @returns A PNG file.
 * @throws {RangeError} if the number of views or the zoom is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contactSheet, key, tf } from "@momentum-contrast/moco";
 *
 * const png = contactSheet(tf.randomUniform([2, 8, 8, 3]), { recipe: "v2", size: 8 }, key(0), { views: 3 });
 * assertEquals([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * ```
 */
export function contactSheet(
  images: Tensor,
  recipe: RecipeOptions,
  key: Key,
  options: ContactSheetOptions = {},
): Uint8Array {
  const { views: count = 8, zoom } = options;
  checkNumbers("make a contact sheet", { views: [count, wholeFromOne] });
  return scope(() => {
    const crops = Array.from({ length: count }, () => images);
    return sheetOf(resized(unit(images), recipe.size), crops, { ...recipe, crop: true }, key, zoom);
  });
}

/**
 * The same picture of images in files, whose crops are cut from whole images before anything else is drawn.
 *
 * @param whole The images, [N, size, size, C], uint8 in [0, 255] or float32 in [0, 1].
 * @param crops A crop of each image for each of the views, like `whole`.
 * @param recipe The recipe; nothing is cropped or normalised.
 * @param key int32 [2].
 * @param options The zoom.
 * @returns A PNG file.
 * @throws {RangeError} if the zoom is not a whole number above 0.
 */
export function contactSheetOfCrops(
  whole: Tensor,
  crops: readonly Tensor[],
  recipe: RecipeOptions,
  key: Key,
  { zoom }: Pick<ContactSheetOptions, "zoom"> = {},
): Uint8Array {
  return scope(() => sheetOf(unit(whole), crops, { ...recipe, crop: false }, key, zoom));
}

/** The sheet of some images [N, size, size, C], float32 in [0, 1], and of what their views are made from. */
function sheetOf(
  whole: Tensor,
  sources: readonly Tensor[],
  recipe: RecipeOptions,
  key: Key,
  zoom: number = Math.max(1, Math.round(64 / recipe.size)),
): Uint8Array {
  checkNumbers("make a contact sheet", { zoom: [zoom, wholeFromOne] });
  return scope(() => {
    const [rows, , , channels] = batchShape(whole, "show");
    const augment = [views({ ...recipe, view: 1 }), views({ ...recipe, view: 2 })];
    const columns = [
      whole,
      ...split(key, sources.length).map((viewKey, index) => augment[index % 2](viewKey, sources[index])),
    ];
    const side = recipe.size * zoom + gap;
    const grid = tf.stack(columns, 1); // [N, 1 + views, size, size, C]
    const [height, width] = [rows * side + gap, columns.length * side + gap];
    const pixels = tf.mul(enlarge(grid, zoom), 255); // [N, 1 + views, size zoom, size zoom, C]
    // White lines between the pictures: below and right of each, and above and left of all.
    const padded = tf.pad(pixels, [[0, 0], [0, 0], [0, gap], [0, gap], [0, 0]], 255);
    const sheet = tf.reshape(tf.transpose(padded, [0, 2, 1, 3, 4]), [height - gap, width - gap, channels]);
    const framed = tf.pad(sheet, [[gap, 0], [gap, 0], [0, 0]], 255);
    return encodePng(op("Cast", [tf.round(framed)], { DstT: "uint8" })[0]);
  });
}

/** Every pixel repeated along both axes. */
function enlarge(grid: Tensor, zoom: number): Tensor {
  const [rows, columns, height, width, channels] = grid.shape as [number, number, number, number, number];
  const spread = tf.tile(
    tf.reshape(grid, [rows * columns, height, 1, width * channels]),
    [1, 1, zoom, 1],
  );
  const wide = tf.tile(
    tf.reshape(spread, [rows * columns * height * zoom, width, 1, channels]),
    [1, 1, zoom, 1],
  );
  return tf.reshape(wide, [rows, columns, height * zoom, width * zoom, channels]);
}
