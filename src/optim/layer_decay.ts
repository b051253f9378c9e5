import { checkNumbers } from "../core/check_numbers.ts";
import { isLeaf, map } from "../core/tree.ts";
import { tf } from "../engine/mod.ts";
import type { Params } from "../nn/types.ts";
import type { Optimizer } from "./types.ts";

/**
 * An optimizer whose learning rate is lower for layers nearer to the image. In a vision transformer of `depth` blocks,
 * numbered from 0 on, it is multiplied by
 *
 *     decay^(depth + 1)    for patch projection, class token and positions
 *     decay^(depth - i)    for block i
 *     1                    for all after the blocks
 *
 * Weight decay, which the learning rate multiplies, falls with it.
 *
 * Source: arXiv:2106.08254, section 3.1 and table 7, in the form of the authors' code, which arXiv:2111.06377
 * (appendix A.1) shares. Reference: reference/layer_decay.ts
 *
 * @param optimizer The optimizer.
 * @param decay The factor from one block to the one before, in (0, 1].
 * @throws {RangeError} if the factor is outside (0, 1].
 * @throws {TypeError} from the optimizer, if the parameters have no `backbone.blocks`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layerDecay, sgd, tf } from "@momentum-contrast/moco";
 *
 * const one = { weight: tf.tensor1d([1]) };
 * const params = { backbone: { patch_embed: one, blocks: { 0: one, 1: one } }, classifier: one };
 * const optimizer = layerDecay(sgd({ learningRate: 1 }), 0.5);
 * const { updates } = optimizer.update(params, optimizer.init(params), params, tf.scalar(0, "int32"));
 * const { backbone, classifier } = updates as typeof params;
 * const moved = [backbone.patch_embed, backbone.blocks[0], backbone.blocks[1], classifier];
 * assertEquals(moved.map(({ weight }) => weight.dataSync()[0]), [-0.125, -0.25, -0.5, -1]);
 * ```
 */
export function layerDecay(optimizer: Optimizer, decay: number): Optimizer {
  checkNumbers("decay learning rates by layer", { decay: [decay, { is: "number", above: 0, max: 1 }] });
  return {
    init: optimizer.init,
    update: (gradients, state, params, step) => {
      const { updates, state: next } = optimizer.update(gradients, state, params, step);
      const depth = depthOf(params);
      return { updates: map((update, path) => tf.mul(decay ** below(path, depth), update), updates), state: next };
    },
  };
}

/** How many layers of a transformer of `depth` blocks stand above a parameter, by its path. */
function below(path: string, depth: number): number {
  const block = /^backbone\.blocks\.(\d+)\./.exec(path);
  if (block !== null) return depth - Number(block[1]);
  return /^backbone\.(?:patch_embed|cls_token|pos_embed)\b/.test(path) ? depth + 1 : 0;
}

function depthOf({ backbone }: Params): number {
  const blocks = backbone === undefined || isLeaf(backbone) ? undefined : backbone.blocks;
  if (blocks === undefined) {
    throw new TypeError("Cannot decay learning rates by layer: expected a backbone with blocks, found none");
  }
  return Object.keys(blocks).length;
}
