import type { Tensor } from "../engine/mod.ts";
import { isLeaf } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";
import { normOf } from "./global_norm.ts";

/**
 * The Euclidean norm over all tensors of each layer, by the layer's path. A layer is a record that contains only
 * tensors. A tensor next to records is a layer by itself.
 *
 * @param tree A tree of float32 tensors, named as parameters are.
 * @param chosen Whether to include the layer with a given path. Default: every layer.
 * @returns float32 scalars, in the order of the tree.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layerNorms, tf } from "@momentum-contrast/moco";
 *
 * const norms = layerNorms({ token: tf.tensor1d([2]), fc: { weight: tf.tensor1d([3]), bias: tf.tensor1d([4]) } });
 * assertEquals(Object.entries(norms).map(([layer, norm]) => [layer, norm.dataSync()[0]]), [["token", 2], ["fc", 5]]);
 * ```
 */
export function layerNorms(
  tree: Params,
  chosen: (layer: string) => boolean = () => true,
): { readonly [layer: string]: Tensor } {
  return Object.fromEntries(
    layersOf(tree, "")
      .filter(([layer]) => chosen(layer))
      .map(([layer, tensors]) => [layer, normOf(tensors)]),
  );
}

function layersOf(tree: Params, path: string): [layer: string, tensors: readonly Tensor[]][] {
  const children = Object.entries(tree);
  const tensors = children.map(([, child]) => child).filter(isLeaf);
  if (path !== "" && tensors.length > 0 && tensors.length === children.length) return [[path, tensors]];
  return children.flatMap(([name, child]): [string, readonly Tensor[]][] => {
    const below = path === "" ? name : `${path}.${name}`;
    return isLeaf(child) ? [[below, [child]]] : layersOf(child, below);
  });
}
