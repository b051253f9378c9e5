import { split } from "../core/random.ts";
import type { Tensor } from "../engine/mod.ts";
import { addSame } from "../engine/ops/mod.ts";
import { identity } from "./identity.ts";
import { LayerError, shapeText, within } from "./layer_error.ts";
import type { Layer } from "./types.ts";
import { inside, placed } from "./values.ts";

/** How a residual connection differs from x + branch(x). */
export type ResidualOptions = {
  /** The way around the branch. Default: the identity. */
  readonly shortcut?: Layer;
  /**
   * The name of the shortcut's values, next to those of the branch; torchvision's is `downsample`. The shortcut is then
   * drawn from its own random key. Default: none, for a shortcut without values.
   */
  readonly name?: string;
  /** What is applied to the sum. Default: nothing. */
  readonly activation?: (sum: Tensor) => Tensor;
};

/**
 * A residual connection:
 *
 *     y = activation(shortcut(x) + branch(x))
 *
 * The values of the branch keep their names.
 *
 * Source: arXiv:1512.03385, eq. 1 and 2; arXiv:1603.05027, eq. 5, without an activation.
 *
 * @param branch What is added. Its output has the shape of the shortcut's.
 * @param options The shortcut, and what follows the sum.
 * @throws {TypeError} from `init`, if the shortcut's output has another shape than the branch's, or its values the names
 *   of the branch's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, relu, residual, tf } from "@momentum-contrast/moco";
 *
 * const layer = residual(relu()); // x + relu(x)
 * const { network } = layer.init(key(0), [2]);
 * const { output } = layer.apply(network, tf.tensor2d([[3, -1]]), { training: false });
 * assertEquals([...output.dataSync()], [6, -1]);
 * ```
 */
export function residual(branch: Layer, { shortcut = identity(), name, activation }: ResidualOptions = {}): Layer {
  return {
    init: (key, input) => {
      const [branchKey, shortcutKey] = name === undefined ? [key, key] : split(key);
      const main = branch.init(branchKey, input);
      const around = within(name, () => shortcut.init(shortcutKey, input));
      if (around.output.join() !== main.output.join()) {
        const [expected, found] = [shapeText(main.output), shapeText(around.output)];
        throw new LayerError("initialize", "residual", `a shortcut of shape ${expected}`, found);
      }
      return {
        network: {
          params: placed(main.network.params, name, around.network.params),
          buffers: placed(main.network.buffers, name, around.network.buffers),
        },
        output: main.output,
      };
    },
    apply: (network, x, mode) => {
      const main = branch.apply(network, x, mode);
      const around = within(name, () => shortcut.apply(inside(network, name), x, mode));
      const sum = addSame(around.output, main.output);
      return { output: activation ? activation(sum) : sum, buffers: placed(main.buffers, name, around.buffers) };
    },
  };
}
