import { tf } from "../engine/mod.ts";
import { zipAlike } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";

/**
 * The next parameters: each parameter plus its update.
 *
 * @param params A tree of float32 tensors.
 * @param updates What {@linkcode Optimizer} gave, of the same structure.
 * @returns Fresh tensors.
 * @throws {TypeError} if the structures or the shapes differ; the message names the path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyUpdates, tf } from "@momentum-contrast/moco";
 *
 * const next = applyUpdates({ w: tf.scalar(1) }, { w: tf.scalar(-0.25) });
 * assertEquals(next.w.dataSync()[0], 0.75);
 * ```
 */
export function applyUpdates<P extends Params>(params: P, updates: Params): P {
  return zipAlike("update", (_, param, update) => tf.add(param, update), params, updates);
}
