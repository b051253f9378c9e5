import { split } from "../core/random.ts";
import type { Layer, Params } from "./types.ts";

/**
 * Layers one after another whose values stand side by side in one record, where {@linkcode sequential} gives each a
 * record of its own. No two of them may have a name in common.
 *
 * @param layers The layers in order.
 */
export function chain(...layers: readonly Layer[]): Layer {
  return {
    init: (key, input) => {
      const keys = split(key, layers.length);
      let [params, buffers, output]: [Params, Params, typeof input] = [{}, {}, input];
      layers.forEach((layer, index) => {
        const made = layer.init(keys[index], output);
        params = { ...params, ...made.network.params };
        buffers = { ...buffers, ...made.network.buffers };
        output = made.output;
      });
      return { network: { params, buffers }, output };
    },
    apply: (network, x, mode) => {
      let [output, buffers]: [typeof x, Params] = [x, {}];
      for (const layer of layers) {
        const result = layer.apply(network, output, mode);
        output = result.output;
        buffers = { ...buffers, ...result.buffers };
      }
      return { output, buffers };
    },
  };
}
