import { barrier as barrierOf } from "../engine/ops/mod.ts";
import { filled, leaves, type Tree } from "./tree.ts";

/**
 * The same tree, none of whose tensors becomes available before all of them are. In a compiled function, TensorFlow
 * would otherwise start whatever is ready. With the barrier, work that uses one tensor waits until the others are
 * computed and the memory that this took is free. Gradients pass back through it in the same way. Values stay the same.
 * In eager mode or under XLA there is no barrier. JAX and XLA call it `optimization_barrier`.
 *
 * @param tree Tensors of any dtypes and shapes; float32 if a gradient is taken.
 */
export function barrier<T extends Tree>(tree: T): T {
  const tensors = leaves(tree);
  return tensors.length === 0 ? tree : filled(tree, barrierOf(tensors));
}
