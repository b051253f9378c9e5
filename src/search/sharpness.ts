import { type Tensor, tf, toFloat } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";

/**
 * How sharp images are: the variance of the Laplacian of their grey values, over all pixels that have four neighbours.
 *
 *     L = g(y - 1, x) + g(y + 1, x) + g(y, x - 1) + g(y, x + 1) - 4 g(y, x)
 *
 * Only images of one size can be compared.
 *
 * Source: J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", 2000.
 * Reference: reference/search/sharpness.ts
 *
 * @param images uint8 [N, height, width, channels], at least 3 pixels high and wide.
 * @returns float32 [N]; the caller owns it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sharpness, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.fill([1, 4, 4, 3], 9, "int32");
 * assertEquals([...sharpness(images).dataSync()], [0]);
 * ```
 */
export function sharpness(images: Tensor): Tensor {
  return scope(() => {
    const grey = tf.mean(toFloat(images), 3); // [N, height, width]
    const [count, height, width] = grey.shape as [number, number, number];
    const part = (top: number, left: number) => tf.slice(grey, [0, top, left], [count, height - 2, width - 2]);
    const around = tf.addN([part(0, 1), part(2, 1), part(1, 0), part(1, 2)]);
    const laplacian = tf.sub(around, tf.mul(part(1, 1), 4));
    return tf.moments(laplacian, [1, 2]).variance; // [N]
  });
}
