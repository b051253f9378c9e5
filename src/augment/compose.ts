import { tf } from "../engine/mod.ts";
import { split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Augmentation } from "./types.ts";

/**
 * Augmentations one after the other, each with its own key.
 *
 *     (f_m . ... . f_1)(key, x),    key_1, ..., key_m = split(key)
 *
 * @param augmentations In the order of application; with none, the images are copied.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compose, horizontalFlip, key, randomSolarize, tf } from "@momentum-contrast/moco";
 *
 * const augment = compose(horizontalFlip({ probability: 1 }), randomSolarize({ probability: 1 }));
 * const image = tf.tensor4d([0.25, 0.75, 1], [1, 1, 3, 1]);
 * assertEquals([...augment(key(0), image).dataSync()], [0, 0.25, 0.25]);
 * ```
 */
export function compose<A extends readonly Augmentation[]>(
  // Not `normalize()`: a function of images alone would be given the key in their place, which is a tensor too.
  ...augmentations: A & { readonly [N in keyof A]: Parameters<A[N]>["length"] extends 0 | 1 ? never : A[N] }
): Augmentation {
  return (key, images) =>
    scope(() => {
      if (augmentations.length === 0) return tf.clone(images);
      const keys = split(key, augmentations.length);
      return augmentations.reduce((result, augment, index) => augment(keys[index], result), images);
    });
}
