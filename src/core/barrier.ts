import { barrier as barrierOf } from "../engine/ops/mod.ts";
import { filled, leaves, type Tree } from "./tree.ts";

/**
 * The same tree, none of whose tensors is there before all are. In a compiled function, what is computed from one of them
 * begins when what the others are computed from is done, and its memory is free; TensorFlow would otherwise begin with
 * whatever is ready. Gradients pass back through the barrier in the same way. Values stay the same, and run eagerly or
 * through XLA there is no barrier. JAX and XLA know it as `optimization_barrier`.
 *
 * @param tree Tensors of any dtypes and shapes; float32 where a gradient is taken.
 */
export function barrier<T extends Tree>(tree: T): T {
  const tensors = leaves(tree);
  return tensors.length === 0 ? tree : filled(tree, barrierOf(tensors));
}
