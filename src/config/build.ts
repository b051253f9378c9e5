/**
 * From a configuration to what it stands for.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { plainView } from "../augment/recipe.ts";
import { twoViews } from "../augment/two_views.ts";
import { createMoco } from "../moco/moco.ts";
import type { MocoState } from "../moco/state.ts";
import type { Method } from "../moco/types.ts";
import { linearHead, mlpHead } from "../nn/heads.ts";
import { resnet18, resnet34, resnet50 } from "../nn/resnet.ts";
import type { Layer, Shape } from "../nn/types.ts";
import { constant, cosine, stepDecay, warmup } from "../optim/schedules.ts";
import { sgd } from "../optim/sgd.ts";
import type { Schedule } from "../optim/types.ts";
import type { ViewsOf } from "../train/train_step.ts";
import type { Config, EncoderConfig } from "./config.ts";

const backbones = { resnet18, resnet34, resnet50 } as const;
const heads = { linear: linearHead, mlp: mlpHead } as const;

/** The backbone of a configuration: images [N, height, width, C] to features [N, F]. */
export function buildBackbone({ name, width, stem, stemStride }: EncoderConfig): Layer {
  return backbones[name]({ width, stem, stemStride });
}

/**
 * The learning rate of a configuration, after any number of steps.
 *
 * @param config The configuration; its part `optimizer` and the number of epochs are followed.
 * @param stepsPerEpoch Steps in an epoch.
 */
export function buildSchedule({ optimizer, training: { epochs } }: Config, stepsPerEpoch: number): Schedule {
  const { learningRate: base, milestones, warmupEpochs, schedule, schedulePer: per } = optimizer;
  switch (schedule) {
    case "cosine":
      return cosine({ base, epochs, stepsPerEpoch, warmupEpochs, per });
    case "step":
      return warmup(stepDecay({ base, milestones, stepsPerEpoch }), { base, steps: warmupEpochs * stepsPerEpoch });
    case "constant":
      return warmup(constant(base), { base, steps: warmupEpochs * stepsPerEpoch });
  }
}

/**
 * The pretraining method of a configuration.
 *
 * @param config The configuration.
 * @param imageShape The shape of a view: [height, width, channels].
 * @param stepsPerEpoch Steps in an epoch, which the learning rate follows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildMethod, defaultConfig, dispose, key } from "@momentum-contrast/moco";
 *
 * const method = buildMethod(defaultConfig, [28, 28, 1], 468);
 * const state = method.init(key(0));
 * assertEquals(state.queue.keys.shape, [4096, 128]);
 * dispose(state);
 * ```
 */
export function buildMethod(config: Config, imageShape: Shape, stepsPerEpoch: number): Method<MocoState> {
  const { method, encoder, optimizer } = config;
  return createMoco({
    backbone: buildBackbone(encoder),
    head: heads[encoder.head](encoder.dimension),
    input: imageShape,
    optimizer: sgd({
      learningRate: buildSchedule(config, stepsPerEpoch),
      momentum: optimizer.momentum,
      weightDecay: optimizer.weightDecay,
    }),
    queueSize: method.queue,
    momentum: method.momentum,
    temperature: method.temperature,
    groups: method.groups,
    shuffle: method.shuffle,
    symmetric: method.symmetric,
  });
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
 * @param config The configuration.
 * @param method Its method.
 */
export function buildFeatures(
  { augment }: Config,
  method: Method<MocoState>,
): (state: MocoState, images: Tensor) => Tensor {
  const plain = plainView({ ...augment, size: augment.evaluationSize ?? augment.size });
  return (state, images) => method.features(state, plain(images));
}
