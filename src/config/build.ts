/**
 * From a configuration to what it stands for.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { plainView } from "../augment/recipe.ts";
import { twoViews } from "../augment/two_views.ts";
import { createEndToEnd } from "../methods/end_to_end.ts";
import { featuresOf } from "../methods/encode.ts";
import { createMemoryBank } from "../methods/memory_bank.ts";
import { createMoco } from "../methods/moco.ts";
import { createMocoV3 } from "../methods/moco_v3.ts";
import { createSimclr } from "../methods/simclr.ts";
import type { Method, MethodState } from "../methods/types.ts";
import type { Shape } from "../nn/types.ts";
import type { ViewsOf } from "../train/train_step.ts";
import { buildBackbone, buildBatchNormHead, buildHead } from "./build_encoder.ts";
import { buildMomentum, buildOptimizer } from "./build_optimizer.ts";
import type { Config, MethodConfig } from "./types.ts";

/** How the method of a configuration is made. */
type Build = (config: Config, input: Shape, stepsPerEpoch: number, images?: number) => Method<MethodState>;

/** What every method but MoCo v3 is made of. */
function common(config: Config, input: Shape, stepsPerEpoch: number) {
  return {
    backbone: buildBackbone(config.encoder),
    head: buildHead(config.encoder),
    input,
    optimizer: buildOptimizer(config, stepsPerEpoch),
    temperature: config.method.temperature,
    groups: config.method.groups,
  };
}

/** Every method by name. */
const methods: Readonly<Record<MethodConfig["name"], Build>> = {
  "moco": (config, input, stepsPerEpoch) =>
    createMoco({
      ...common(config, input, stepsPerEpoch),
      queueSize: config.method.queue,
      momentum: buildMomentum(config, stepsPerEpoch),
      shuffle: config.method.shuffle,
      symmetric: config.method.symmetric,
    }),
  "moco-v3": (config, input, stepsPerEpoch) =>
    createMocoV3({
      backbone: buildBackbone(config.encoder),
      projector: buildBatchNormHead(config.projector, config.encoder),
      predictor: buildBatchNormHead(config.predictor, config.encoder),
      input,
      optimizer: buildOptimizer(config, stepsPerEpoch),
      momentum: buildMomentum(config, stepsPerEpoch),
      temperature: config.method.temperature,
      groups: config.method.groups,
    }),
  "end-to-end": (config, input, stepsPerEpoch) =>
    createEndToEnd({ ...common(config, input, stepsPerEpoch), shuffle: config.method.shuffle }),
  "simclr": (config, input, stepsPerEpoch) => createSimclr(common(config, input, stepsPerEpoch)),
  "memory-bank": (config, input, stepsPerEpoch, images) => {
    if (images === undefined) {
      throw new RangeError("Cannot build a memory bank: expected the number of training images, found none");
    }
    const { negatives, momentum } = config.method;
    return createMemoryBank({ ...common(config, input, stepsPerEpoch), images, negatives, momentum });
  },
};

/**
 * The pretraining method of a configuration.
 *
 * @param config The configuration.
 * @param imageShape The shape of a view: [height, width, channels].
 * @param stepsPerEpoch Steps in an epoch, which learning rate and momentum follow.
 * @param images Training images, for each of which a memory bank has a row; other methods do not look at it.
 * @throws {RangeError} if the method is a memory bank and `images` is absent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildMethod, defaultConfig, dispose, entries, key } from "@momentum-contrast/moco";
 *
 * const method = buildMethod(defaultConfig, [28, 28, 1], 468);
 * const state = method.init(key(0));
 * const queue = entries(state).find(([path]) => path === "queue.keys")?.[1];
 * assertEquals(queue?.shape, [4096, 128]);
 * dispose(state);
 * ```
 */
export function buildMethod(
  config: Config,
  imageShape: Shape,
  stepsPerEpoch: number,
  images?: number,
): Method<MethodState> {
  return methods[config.method.name](config, imageShape, stepsPerEpoch, images);
}

/** The shape of the views that a configuration trains on: [height, width, channels]. */
export function viewShape({ augment: { size } }: Config, channels: number): Shape {
  return [size, size, channels];
}

/** How a configuration makes two views of each image. */
export function buildViews({ augment }: Config): ViewsOf {
  return twoViews(augment);
}

/**
 * How a configuration's trained encoder is used: from a state and images uint8 [N, height, width, C] to the backbone's
 * features float32 [N, F], without augmentation, by the running statistics.
 *
 * Images may be larger than the views, and the last map averaged over a grid: what an encoder learns depends on neither.
 *
 * @param config The configuration.
 */
export function buildFeatures({ augment, encoder }: Config): (state: MethodState, images: Tensor) => Tensor {
  const plain = plainView({ ...augment, size: augment.evaluationSize ?? augment.size });
  const features = featuresOf(buildBackbone(encoder, encoder.evaluationGrid));
  return (state, images) => features(state, plain(images));
}
