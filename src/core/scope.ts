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
 * @param f What is run. It may not be asynchronous.
 * @returns The result of `f`; the caller frees its tensors.
 * @throws {TypeError} if `f` returns a promise: its tensors would be freed before it has used them.
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
  return tf.tidy(() => {
    const result = f();
    if (result instanceof Promise) throw new TypeError("Cannot end a scope: expected a result, found a promise of one");
    return result as tf.TensorContainer;
  }) as T;
}

/**
 * Shields the tensors of a tree from every enclosing {@linkcode scope}; the caller frees them.
 *
 * @param tree The tree.
 * @returns The same tree.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dispose, keep, scope, tf } from "@momentum-contrast/moco";
 *
 * let kept = tf.scalar(0);
 * scope(() => void (kept = keep(tf.scalar(7))));
 * assertEquals(kept.dataSync()[0], 7);
 * dispose(kept);
 * ```
 */
export function keep<T extends Tree>(tree: T): T {
  leaves(tree).forEach((leaf) => tf.keep(leaf));
  return tree;
}

/**
 * Frees the tensors of a tree.
 *
 * @param tree The tree; none of its tensors may be used afterwards.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dispose, liveTensors, tf } from "@momentum-contrast/moco";
 *
 * const before = liveTensors();
 * dispose({ a: tf.scalar(1), b: { c: tf.scalar(2) } });
 * assertEquals(liveTensors(), before);
 * ```
 */
export function dispose(tree: Tree): void {
  leaves(tree).forEach((leaf) => leaf.dispose());
}

/**
 * Runs `f`, and then frees the tensors of a tree, also if `f` throws.
 *
 * @param tree The tree; none of its tensors may be used afterwards.
 * @param f What uses it.
 * @returns The result of `f`.
 */
export function consume<T>(tree: Tree, f: () => T): T {
  try {
    return f();
  } finally {
    dispose(tree);
  }
}

/**
 * Frees what `previous` holds and `next` does not.
 *
 * @param previous The tree whose tensors are freed.
 * @param next The tree whose tensors stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { release, tf } from "@momentum-contrast/moco";
 *
 * const [kept, dropped] = [tf.scalar(1), tf.scalar(2)];
 * release({ kept, dropped }, { kept });
 * assertEquals([kept.isDisposed, dropped.isDisposed], [false, true]);
 * ```
 */
export function release(previous: Tree, next: Tree): void {
  const held = new Set<Tensor>(leaves(next));
  for (const leaf of leaves(previous)) if (!held.has(leaf)) leaf.dispose();
}

/**
 * How many tensors are alive.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dispose, liveTensors, tf } from "@momentum-contrast/moco";
 *
 * const before = liveTensors();
 * const tensor = tf.scalar(1);
 * assertEquals(liveTensors() - before, 1);
 * dispose(tensor);
 * ```
 */
export function liveTensors(): number {
  return tf.memory().numTensors;
}
