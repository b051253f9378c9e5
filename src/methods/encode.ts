import type { Tensor } from "../engine/mod.ts";
import { inTurn } from "../core/in_turn.ts";
import { scope } from "../core/scope.ts";
import type { Layer, Network, Params } from "../nn/types.ts";
import { byGroup, inOrder } from "./shuffle.ts";

/**
 * A network's outputs for each of several batches, in training mode. The batches are forwarded one after another, so
 * that batch norm measures each by itself, and the running statistics pass from one to the next.
 *
 * @param layer What is applied.
 * @param network Its values.
 * @param batches [N, ...] each.
 * @param groups Batch-norm groups: sample i is normalised in group i mod `groups`.
 */
export function applyInTurn(
  layer: Layer,
  network: Network,
  batches: readonly Tensor[],
  groups: number,
): { readonly outputs: readonly Tensor[]; readonly buffers: Params } {
  let [outputs, { params, buffers }]: [readonly Tensor[], Network] = [[], network];
  for (const batch of batches) {
    [params, outputs] = inTurn(params, outputs); // the same values, with the memory of one pass at a time
    const result = layer.apply({ params, buffers }, byGroup(batch, groups), { training: true, groups });
    outputs = [...outputs, inOrder(result.output, groups)]; // [N, D]
    buffers = result.buffers;
  }
  return { outputs, buffers };
}

/**
 * A method's `features`: the query encoder's backbone, which is what is kept after pretraining, by its running statistics.
 *
 * @param backbone The backbone.
 * @returns From a state and images [N, height, width, C] to float32 [N, features].
 */
export function featuresOf(
  backbone: Layer,
): (state: { readonly query: Network }, images: Tensor) => Tensor {
  return ({ query: { params, buffers } }, images) => {
    const network = { params: params.backbone as Params, buffers: (buffers.backbone ?? {}) as Params };
    return scope(() => backbone.apply(network, images, { training: false }).output);
  };
}
