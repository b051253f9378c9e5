import { type Tensor, tf } from "../engine/mod.ts";
import { leaves, type Tree } from "../core/tree.ts";
import { halfSquaredNorm } from "../engine/ops/mod.ts";

/**
 * The Euclidean norm over all elements of all leaves.
 *
 * @param tree A tree of float32 tensors.
 * @returns float32 scalar; 0 for a tree without leaves.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { globalNorm, tf } from "@momentum-contrast/moco";
 *
 * assertEquals(globalNorm({ a: tf.tensor1d([3]), b: { c: tf.scalar(4) } }).dataSync()[0], 5);
 * ```
 */
export function globalNorm(tree: Tree): Tensor {
  return normOf(leaves(tree));
}

/** The Euclidean norm over all elements of some float32 tensors, float32 scalar; 0 for none. */
export function normOf(tensors: readonly Tensor[]): Tensor {
  return tensors.length === 0 ? tf.scalar(0) : tf.sqrt(tf.mul(tf.addN(tensors.map(halfSquaredNorm)), 2));
}
