import { split } from "../core/random.ts";
import { within } from "./layer_error.ts";
import type { Layer, Params } from "./types.ts";
import { valuesOf, withValues } from "./values.ts";

/**
 * Layers one after another, in the order of the record. Their values stand under their names, so that a leaf's path is
 * PyTorch's name of it; a layer without values has no entry.
 *
 * @param layers The layers by name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, entries, key, relu, sequential } from "@momentum-contrast/moco";
 *
 * const head = sequential({ 0: dense({ features: 4 }), 1: relu(), 2: dense({ features: 2 }) });
 * const { network } = head.init(key(0), [3]);
 * assertEquals(entries(network.params).map(([path]) => path), ["0.weight", "0.bias", "2.weight", "2.bias"]);
 * ```
 */
export function sequential(layers: { readonly [name: string]: Layer }): Layer {
  const named = Object.entries(layers);
  return {
    init: (key, input) => {
      const keys = split(key, named.length);
      let [params, buffers, output]: [Params, Params, typeof input] = [{}, {}, input];
      named.forEach(([name, layer], index) => {
        const made = within(name, () => layer.init(keys[index], output));
        params = withValues(params, name, made.network.params);
        buffers = withValues(buffers, name, made.network.buffers);
        output = made.output;
      });
      return { network: { params, buffers }, output };
    },
    apply: (network, x, mode) => {
      let [output, buffers]: [typeof x, Params] = [x, {}];
      for (const [name, layer] of named) {
        const inner = { params: valuesOf(network.params, name), buffers: valuesOf(network.buffers, name) };
        const result = within(name, () => layer.apply(inner, output, mode));
        output = result.output;
        buffers = withValues(buffers, name, result.buffers);
      }
      return { output, buffers };
    },
  };
}

/**
 * Layers by their place, as PyTorch's `nn.Sequential` names them: "0", "1", ...
 *
 * @param layers The layers in order; one without values counts too.
 */
export function numbered(layers: readonly Layer[]): { readonly [name: string]: Layer } {
  return Object.fromEntries(layers.map((layer, index) => [`${index}`, layer]));
}
