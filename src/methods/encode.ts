/**
 * What the encoders of all methods share: how a pair of them begins, and their forward pass.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { barrier } from "../core/barrier.ts";
import type { Devices } from "../core/devices.ts";
import type { Key } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { entries, map } from "../core/tree.ts";
import type { Layer, Network, Params, Shape } from "../nn/types.ts";
import { inside } from "../nn/values.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { byGroup, inOrder } from "./shuffle_bn.ts";

/**
 * Two encoders of the same layers, which begin with the same values.
 *
 * @param encoder The layers.
 * @param random The random key of their values.
 * @param input The shape of an image.
 * @returns The query encoder, the key encoder, and the shape of an output.
 */
export function initPair(
  encoder: Layer,
  random: Key,
  input: Shape,
): { readonly query: Network; readonly key: Network; readonly output: Shape } {
  const { network: query, output } = encoder.init(random, input);
  return { query, key: map((leaf) => tf.clone(leaf), query), output };
}

/**
 * The outputs of a network for each of several batches, in training mode. The batches pass one after another. Batch
 * norm measures each separately, and each starts with the buffers that the previous one left.
 *
 * @param layer What is applied.
 * @param network Its values.
 * @param batches [N, ...] each.
 * @param devices The devices that train together, which say in which groups batch norm normalises.
 * @returns The outputs, [N, D] each, and the buffers after the last batch.
 */
export function forward(
  layer: Layer,
  network: Network,
  batches: readonly Tensor[],
  devices: Devices,
): { readonly outputs: readonly Tensor[]; readonly buffers: Params } {
  const groups = devices.groups === "all" ? 1 : devices.groups;
  let { params, buffers } = network;
  let outputs: Readonly<Record<number, Tensor>> = {}; // a tree, which `barrier` takes
  for (const [index, batch] of batches.entries()) {
    // The next pass begins when this one has ended, so that only one of them needs memory at a time.
    if (index > 0) ({ params, outputs } = barrier({ params, outputs }));
    const passed = layer.apply({ params, buffers }, byGroup(batch, groups), { training: true, devices });
    outputs = { ...outputs, [index]: inOrder(passed.output, groups) }; // [N, D]
    buffers = passed.buffers;
  }
  return { outputs: Object.values(outputs), buffers: shared(buffers, devices) };
}

/** Buffers with the mean of all devices' running statistics. Frozen weights are the same on all of them. */
function shared(buffers: Params, { mean, groups }: Devices): Params {
  if (groups === "all") return buffers; // batch norm has measured the samples of all devices
  const isStatistic = (path: string) => /\brunning_(mean|var)$/.test(path);
  const means = mean(Object.fromEntries(entries(buffers).filter(([path]) => isStatistic(path))));
  return map((leaf, path) => means[path] ?? leaf, buffers);
}

/**
 * The encodings of each of several batches: the outputs of {@linkcode forward}, scaled to unit length.
 *
 * @param layer The encoder.
 * @param network Its values.
 * @param batches [N, ...] each.
 * @param devices The devices that train together.
 * @returns Unit rows, [N, D] for each batch, and the buffers after the last one.
 */
export function encode(
  layer: Layer,
  network: Network,
  batches: readonly Tensor[],
  devices: Devices,
): { readonly encoded: readonly Tensor[]; readonly buffers: Params } {
  return scope(() => {
    const { outputs, buffers } = forward(layer, network, batches, devices);
    return { encoded: outputs.map(l2Normalize), buffers };
  });
}

/**
 * A method's `features`: the output, in evaluation mode, of the query encoder's backbone, which is kept after
 * pretraining.
 *
 * @param backbone The backbone.
 * @returns A function from a state and images [N, height, width, C] to float32 [N, features].
 */
export function featuresOf(
  backbone: Layer,
): (state: { readonly query: Network }, images: Tensor) => Tensor {
  return (state, images) => scope(() => backbone.apply(backboneIn(state), images, { training: false }).output);
}

/** The values of the query encoder's backbone. */
export function backboneIn({ query }: { readonly query: Network }): Network {
  return inside(query, "backbone");
}
