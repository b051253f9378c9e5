/**
 * Trees: nested readonly records whose leaves are tensors. Parameters, statistics, optimizer state and the whole
 * training state are trees, so one map, one zip and one flatten serve them all.
 *
 * @module
 */
import { type Tensor, tf, type Tree } from "../engine/mod.ts";

export type { Tree };

/**
 * Whether a node of a tree is a leaf.
 *
 * @param node The node.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isLeaf, tf } from "@momentum-contrast/moco";
 *
 * assertEquals([tf.scalar(1), { w: tf.scalar(1) }].map(isLeaf), [true, false]);
 * ```
 */
export function isLeaf(node: unknown): node is Tensor {
  return node instanceof tf.Tensor;
}

/**
 * The leaves of a tree with their dot-joined paths, in the order of the records' keys.
 *
 * @param tree The tree; its leaves are borrowed.
 * @param path What every path begins with. Default: nothing.
 * @throws {TypeError} if a node is neither a tensor nor a record; the message names the path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, tf } from "@momentum-contrast/moco";
 *
 * const params = { fc: { weight: tf.zeros([2, 3]), bias: tf.zeros([3]) } };
 * assertEquals(entries(params).map(([path, { shape }]) => `${path} [${shape}]`), ["fc.weight [2,3]", "fc.bias [3]"]);
 * ```
 */
export function entries(tree: Tree, path = ""): [path: string, leaf: Tensor][] {
  if (isLeaf(tree)) return [[path, tree]];
  if (tree === null || typeof tree !== "object" || Array.isArray(tree)) {
    const found = Array.isArray(tree) ? "an array" : tree === null ? "null" : `a ${typeof tree}`;
    throw new TypeError(`Cannot read tree at "${path}": expected a tensor or a record of trees, found ${found}`);
  }
  return Object.entries(tree).flatMap(([name, child]) => entries(child, path === "" ? name : `${path}.${name}`));
}

/**
 * The leaves of a tree, in the order of {@linkcode entries}.
 *
 * @param tree The tree; its leaves are borrowed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { leaves, tf } from "@momentum-contrast/moco";
 *
 * assertEquals(leaves({ a: tf.scalar(1), b: { c: tf.scalar(2) } }).map((leaf) => leaf.dataSync()[0]), [1, 2]);
 * ```
 */
export function leaves(tree: Tree): Tensor[] {
  return entries(tree).map(([, leaf]) => leaf);
}

/**
 * A tree of the shape of `tree` whose leaves are `f(leaf, path)`.
 *
 * @param f Makes a leaf of a leaf and its path. What it makes on the way is freed.
 * @param tree The tree; its leaves are borrowed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { map, tf } from "@momentum-contrast/moco";
 *
 * const doubled = map((leaf) => tf.mul(leaf, 2), { a: tf.scalar(1), b: { c: tf.scalar(2) } });
 * assertEquals(doubled.b.c.dataSync()[0], 4);
 * ```
 */
export function map<T extends Tree>(f: (leaf: Tensor, path: string) => Tensor, tree: T): T {
  return zip((path, leaf) => f(leaf, path), tree);
}

/**
 * A tree of the shape of the first one, whose leaves are `f(path, a, b, ...)` over the leaves at the same path of
 * every tree.
 *
 * @param f Makes a leaf of the leaves at one path. What it makes on the way is freed.
 * @param trees Trees of one structure; their leaves are borrowed.
 * @throws {TypeError} if the trees differ in structure; the message names the path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tf, zip } from "@momentum-contrast/moco";
 *
 * const sum = zip((_, x, y) => tf.add(x, y), { w: tf.scalar(1) }, { w: tf.scalar(2) });
 * assertEquals(sum.w.dataSync()[0], 3);
 * ```
 */
export function zip<T extends Tree>(f: (path: string, ...leaves: Tensor[]) => Tensor, ...trees: [T, ...Tree[]]): T {
  return zipAt(f, "", trees) as T;
}

/**
 * As {@linkcode zip}, over trees whose leaves at one path have one shape. TensorFlow would repeat a smaller leaf, and hide
 * that it belongs to another network.
 *
 * @param doing What is done; it completes "Cannot ...".
 * @throws {TypeError} if the trees differ in structure or in a shape; the message names the path.
 */
export function zipAlike<T extends Tree>(
  doing: string,
  f: (path: string, ...leaves: Tensor[]) => Tensor,
  ...trees: [T, ...Tree[]]
): T {
  return zip((path, ...leaves) => {
    const [expected, ...others] = leaves.map(({ shape }) => `[${shape}]`);
    const found = others.find((shape) => shape !== expected);
    if (found === undefined) return f(path, ...leaves);
    throw new TypeError(`Cannot ${doing} "${path}": expected shape ${expected}, found ${found}`);
  }, ...trees);
}

/** A tree of the shape of `tree` with other leaves, in the order of {@linkcode leaves}. */
export function filled<T extends Tree>(tree: T, others: readonly Tensor[]): T {
  let next = 0;
  return map(() => others[next++], tree);
}

function zipAt(f: (path: string, ...leaves: Tensor[]) => Tensor, path: string, trees: readonly Tree[]): Tree {
  const [first] = trees;
  if (isLeaf(first)) {
    for (const other of trees) if (!isLeaf(other)) throw mismatch(path, "a tensor", describe(other));
    return tf.tidy(() => f(path, ...trees as Tensor[])); // what it makes on the way does not wait for the other leaves
  }
  entries(first); // refuses anything that is neither a tensor nor a record
  const names = Object.keys(first);
  for (const other of trees) {
    if (
      isLeaf(other) || Object.keys(other).length !== names.length || names.some((name) => !Object.hasOwn(other, name))
    ) {
      throw mismatch(path, describe(first), describe(other));
    }
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      zipAt(f, path === "" ? name : `${path}.${name}`, trees.map((tree) => (tree as Record<string, Tree>)[name])),
    ]),
  );
}

function describe(node: Tree): string {
  return isLeaf(node) ? `a tensor of shape [${node.shape}]` : `a record of {${Object.keys(node).join(", ")}}`;
}

function mismatch(path: string, expected: string, found: string): TypeError {
  return new TypeError(`Cannot zip trees at "${path}": expected ${expected}, found ${found}`);
}
