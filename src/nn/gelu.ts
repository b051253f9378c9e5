import { geluExact } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import type { Layer } from "./types.ts";

/**
 * x Phi(x) of every element, where Phi is the normal distribution function. It is exact: x (1 + erf(x / sqrt(2))) / 2.
 *
 * Source: arXiv:1606.08415, section 2. Reference: reference/gelu.ts
 *
 * @returns A layer without values; the output has the shape of the input.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { gelu, tf } from "@momentum-contrast/moco";
 *
 * const none = { params: {}, buffers: {} };
 * const [y] = gelu().apply(none, tf.tensor2d([[1]]), { training: true }).output.dataSync();
 * assertAlmostEquals(y, 0.841345, 1e-6); // Phi(1)
 * ```
 */
export function gelu(): Layer {
  return activation((x) => geluExact(x));
}
