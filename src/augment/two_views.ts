import type { Tensor } from "../engine/mod.ts";
import { type Key, split } from "../core/random.ts";
import { recipe, type RecipeOptions } from "./recipe.ts";
import { scope } from "../core/scope.ts";

/**
 * Two views of every image, independently drawn: a query and its positive key.
 *
 * @param options The recipe; `view` is not looked at.
 * @returns From a key and images [N, H, W, C], uint8 in [0, 255] or float32 in [0, 1], to two of float32
 *   [N, size, size, C].
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
): (key: Key, images: Tensor) => { readonly query: Tensor; readonly key: Tensor } {
  const first = recipe({ ...options, view: 1 });
  const second = recipe({ ...options, view: 2 });
  return (key, images) =>
    scope(() => {
      const [queryKey, keyKey] = split(key, 2);
      return { query: first(queryKey, images), key: second(keyKey, images) };
    });
}
