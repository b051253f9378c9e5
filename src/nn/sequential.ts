import { type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { within } from "./layer_error.ts";
import type { Layer, Network } from "./types.ts";
import { inside, placed } from "./values.ts";

/** Layers by name, in order. */
export type NamedLayers = { readonly [name: string]: Layer };

/**
 * Layers one after another.
 *
 * The values of a named layer are stored under its name, so that a leaf's path is its name in PyTorch. A layer without
 * values has no entry. A layer that is given by itself has no name: its values are stored next to those of the others,
 * and no two of them may have the same name.
 *
 * @param parts Layers, and records of named layers, in order.
 * @throws {TypeError} from `init`, if two layers have values of the same name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, entries, key, relu, sequential } from "@momentum-contrast/moco";
 *
 * const head = sequential({ 0: dense({ features: 4 }), 1: relu(), 2: dense({ features: 2 }) });
 * const { network } = head.init(key(0), [3]);
 * assertEquals(entries(network.params).map(([path]) => path), ["0.weight", "0.bias", "2.weight", "2.bias"]);
 *
 * const layer = sequential(relu(), dense({ features: 2 }), { last: dense({ features: 1 }) });
 * const { params } = layer.init(key(0), [3]).network;
 * assertEquals(entries(params).map(([path]) => path), ["weight", "bias", "last.weight", "last.bias"]);
 * ```
 */
export function sequential(...parts: readonly (Layer | NamedLayers)[]): Layer {
  const layers = parts.flatMap((part): [name: string | undefined, Layer][] =>
    isLayer(part) ? [[undefined, part]] : Object.entries(part)
  );
  return {
    init: (key, input) => {
      const keys = keysOf(key, parts);
      let [network, output]: [Network, typeof input] = [{ params: {}, buffers: {} }, input];
      layers.forEach(([name, layer], index) => {
        const made = within(name, () => layer.init(keys[index], output));
        network = {
          params: placed(network.params, name, made.network.params),
          buffers: placed(network.buffers, name, made.network.buffers),
        };
        output = made.output;
      });
      return { network, output };
    },
    apply: (network, x, mode) => {
      let [output, buffers]: [typeof x, Network["buffers"]] = [x, {}];
      for (const [name, layer] of layers) {
        const before = output;
        const result = within(name, () => scope(() => layer.apply(inside(network, name), before, mode)));
        output = result.output;
        buffers = placed(buffers, name, result.buffers);
      }
      return { output, buffers };
    },
  };
}

/**
 * Layers by their place, as PyTorch's `nn.Sequential` names them: "0", "1", ...
 *
 * @param layers The layers in order; layers without values are counted too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, numbered, relu } from "@momentum-contrast/moco";
 *
 * assertEquals(Object.keys(numbered([dense({ features: 8 }), relu(), dense({ features: 4 })])), ["0", "1", "2"]);
 * ```
 */
export function numbered(layers: readonly Layer[]): NamedLayers {
  return Object.fromEntries(layers.map((layer, index) => [`${index}`, layer]));
}

/** A random key for each layer: one for each part, which a record splits among its layers. */
function keysOf(key: Key, parts: readonly (Layer | NamedLayers)[]): Key[] {
  const keys = parts.length === 1 ? [key] : split(key, parts.length);
  return parts.flatMap((part, index) => isLayer(part) ? [keys[index]] : split(keys[index], Object.keys(part).length));
}

function isLayer(part: Layer | NamedLayers): part is Layer {
  return typeof part.apply === "function";
}
