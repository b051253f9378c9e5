import { split } from "../core/random.ts";
import { addSame, rectify } from "../engine/ops/mod.ts";
import { LayerError, shapeText, within } from "./layer_error.ts";
import { sequential } from "./sequential.ts";
import type { Layer } from "./types.ts";
import { valuesOf, withValues } from "./values.ts";

/**
 * A residual block: relu(branch(x) + shortcut(x)).
 *
 * The branch's values stand under the names of its layers, the shortcut's under `downsample`, as torchvision has them.
 *
 * Source: arXiv:1512.03385, eq. 1 and 2.
 *
 * @param branch The layers of the branch, in order.
 * @param downsample The shortcut, where the branch changes the shape. Default: the identity.
 */
export function residual(branch: { readonly [name: string]: Layer }, downsample?: Layer): Layer {
  const main = sequential(branch);
  return {
    init: (key, input) => {
      const [mainKey, shortcutKey] = split(key);
      const { network, output } = main.init(mainKey, input);
      const shortcut = downsample && within("downsample", () => downsample.init(shortcutKey, input));
      const added = shortcut?.output ?? input;
      if (added.join() !== output.join()) {
        throw new LayerError("initialize", "residual", `a shortcut of shape ${shapeText(output)}`, shapeText(added));
      }
      return {
        network: {
          params: withValues(network.params, "downsample", shortcut?.network.params ?? {}),
          buffers: withValues(network.buffers, "downsample", shortcut?.network.buffers ?? {}),
        },
        output,
      };
    },
    apply: (network, x, mode) => {
      const result = main.apply(network, x, mode);
      const inner = {
        params: valuesOf(network.params, "downsample"),
        buffers: valuesOf(network.buffers, "downsample"),
      };
      const shortcut = downsample && within("downsample", () => downsample.apply(inner, x, mode));
      return {
        output: rectify(addSame(result.output, shortcut?.output ?? x)),
        buffers: withValues(result.buffers, "downsample", shortcut?.buffers ?? {}),
      };
    },
  };
}
