import { hasControlInputs, withControlDependencies } from "../engine/compile/mod.ts";
import { filled, leaves, type Tree } from "./tree.ts";

/**
 * The same tree, none of whose tensors is there before all are. In a trace, what is computed from one of them waits until
 * what the others are computed from has been freed. XLA keeps an order of its own, and takes them as they are.
 *
 * @param tree Tensors of any dtypes and shapes.
 */
export function together<T extends Tree>(tree: T): T {
  const tensors = leaves(tree);
  return hasControlInputs() ? filled(tree, withControlDependencies(tensors, tensors)) : tree;
}
