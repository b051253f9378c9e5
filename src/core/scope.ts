/**
 * Who owns a tensor. Functions borrow their arguments and return fresh tensors; {@linkcode scope} frees the
 * intermediate tensors of a computation. Only the training loop frees states, through {@linkcode release}.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { leaves, type Tree } from "./tree.ts";

/**
 * Runs `f` and frees every tensor it made, except those in its result.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { liveTensors, scope, tf } from "@momentum-contrast/moco";
 *
 * const before = liveTensors();
 * const result = scope(() => tf.square(tf.add(1, 2)));
 * assertEquals(liveTensors() - before, 1);
 * assertEquals(result.dataSync()[0], 9);
 * ```
 */
export function scope<T>(f: () => T): T {
  return tf.tidy(f as () => tf.TensorContainer) as T;
}

/** Shields the tensors of a tree from every enclosing {@linkcode scope}; the caller frees them. */
export function keep<T extends Tree>(tree: T): T {
  leaves(tree).forEach((leaf) => tf.keep(leaf));
  return tree;
}

/** Frees the tensors of a tree. */
export function dispose(tree: Tree): void {
  leaves(tree).forEach((leaf) => leaf.dispose());
}

/** Frees what `previous` holds and `next` does not. */
export function release(previous: Tree, next: Tree): void {
  const held = new Set<Tensor>(leaves(next));
  for (const leaf of leaves(previous)) if (!held.has(leaf)) leaf.dispose();
}

/** How many tensors are alive. */
export function liveTensors(): number {
  return tf.memory().numTensors;
}
