import { rectify } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import type { Layer } from "./types.ts";

/**
 * max(x, 0) of every element. The derivative at 0 is 0.
 *
 * @returns A layer without values; the output has the shape of the input.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { relu, tf } from "@momentum-contrast/moco";
 *
 * const none = { params: {}, buffers: {} };
 * assertEquals([...relu().apply(none, tf.tensor2d([[-1, 2]]), { training: true }).output.dataSync()], [0, 2]);
 * ```
 */
export function relu(): Layer {
  return activation((x) => rectify(x));
}
