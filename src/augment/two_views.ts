import { type Tensor, tf } from "../engine/mod.ts";
import { type Key, split } from "../core/random.ts";
import { recipe, type RecipeOptions } from "./recipe.ts";
import { scope } from "../core/scope.ts";
import type { Crops } from "./types.ts";

/**
 * Two views of every image, independently drawn: a query and its positive key.
 *
 * @param options The recipe; `view` is ignored.
 * @returns From a key and images [N, H, W, C], uint8 in [0, 255] or float32 in [0, 1], to two views of float32
 *   [N, size, size, C]. Given two crops of each image, `{ query, key }`, it turns each into its view without
 *   cropping again.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { key, tf, twoViews } from "@momentum-contrast/moco";
 *
 * const views = twoViews({ recipe: "v2", size: 8 })(key(0), tf.randomUniform([4, 8, 8, 1]));
 * assertEquals(views.query.shape, views.key.shape);
 * assertNotEquals(views.query.dataSync(), views.key.dataSync());
 * ```
 */
export function twoViews(
  options: RecipeOptions,
): (key: Key, images: Tensor | Crops) => { readonly query: Tensor; readonly key: Tensor } {
  const views = (crop: boolean) => [recipe({ ...options, view: 1, crop }), recipe({ ...options, view: 2, crop })];
  const [ofImages, ofCrops] = [views(true), views(false)];
  return (key, images) =>
    scope(() => {
      const [queryKey, keyKey] = split(key, 2);
      const isWhole = images instanceof tf.Tensor;
      const [first, second] = isWhole ? ofImages : ofCrops;
      const pair = isWhole ? { query: images, key: images } : images;
      return { query: first(queryKey, pair.query), key: second(keyKey, pair.key) };
    });
}

/**
 * One view of every image, given as the query and as the key alike: for a method that does not compare views.
 *
 * @param options The recipe; `view` is ignored.
 * @returns As {@linkcode twoViews}. Given two crops of each image, it takes the first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, oneView, tf } from "@momentum-contrast/moco";
 *
 * const { query, key: same } = oneView({ recipe: "supervised", size: 8 })(key(0), tf.ones([1, 10, 10, 3]));
 * assertEquals(query.shape, [1, 8, 8, 3]);
 * assertEquals(query.dataSync(), same.dataSync());
 * ```
 */
export function oneView(
  options: RecipeOptions,
): (key: Key, images: Tensor | Crops) => { readonly query: Tensor; readonly key: Tensor } {
  const [ofImages, ofCrops] = [true, false].map((crop) => recipe({ ...options, view: 1, crop }));
  return (key, images) =>
    scope(() => {
      const query = images instanceof tf.Tensor ? ofImages(key, images) : ofCrops(key, images.query);
      return { query, key: tf.clone(query) };
    });
}
