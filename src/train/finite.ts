import { dtypeOf, readBytes, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { entries, type Tree } from "../core/tree.ts";

/** A number that was measured and is not finite: its name, and what it is. */
export type Unsound = { readonly what: string; readonly value: string };

/** The first number that is not finite, or undefined where none is. */
export function nonFiniteNumber(numbers: Readonly<Record<string, number>>): Unsound | undefined {
  const found = Object.entries(numbers).find(([, number]) => !Number.isFinite(number));
  return found && { what: found[0], value: String(found[1]) };
}

/** The path of the first tensor of a tree that holds a number which is not finite, or undefined where none does. */
export function nonFiniteLeaf(tree: Tree): string | undefined {
  return entries(tree).find(([, leaf]) => {
    if (dtypeOf(leaf) !== "float32") return false;
    const [finite] = scope(() => readBytes(tf.all(tf.isFinite(leaf))));
    return finite === 0;
  })?.[0];
}
