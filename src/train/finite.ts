import { dtypeOf, readBytes, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { entries, type Tree } from "../core/tree.ts";

/** The path of the first tensor of a tree that holds a number which is not finite, or undefined where none does. */
export function nonFiniteLeaf(tree: Tree): string | undefined {
  return entries(tree).find(([, leaf]) => {
    if (dtypeOf(leaf) !== "float32") return false;
    const [finite] = scope(() => readBytes(tf.all(tf.isFinite(leaf))));
    return finite === 0;
  })?.[0];
}
