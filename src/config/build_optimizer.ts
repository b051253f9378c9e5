/**
 * The optimizer of a configuration, and the learning rate that it follows.
 *
 * @module
 */
import type { Length } from "../methods/parts.ts";
import { accumulate } from "../optim/accumulate.ts";
import type { BuildOptimizer } from "../optim/build_optimizer.ts";
import { clipByGlobalNorm } from "../optim/clip.ts";
import { scaleByBatch } from "../optim/scale_by_batch.ts";
import { constant, cosine, stepDecay, warmup } from "../optim/schedules.ts";
import { optimizers } from "../optim/table.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";
import { loadBuilders } from "./load_builders.ts";
import type { Config, OptimizerConfig } from "./types.ts";

const builders = await loadBuilders<BuildOptimizer<OptimizerConfig>>(optimizers);

/**
 * The learning rate of a configuration, after any number of steps.
 *
 * @param config The configuration; its part `optimizer`, the batch and the number of epochs are followed.
 * @param stepsPerEpoch Steps in an epoch.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { buildSchedule, defaultConfig, tf } from "@momentum-contrast/moco";
 *
 * const rate = buildSchedule(defaultConfig, 468);
 * assertAlmostEquals(rate(tf.scalar(0, "int32")).dataSync()[0], 0.06, 1e-7);
 * ```
 */
export function buildSchedule({ optimizer, training: { epochs, batch } }: Config, stepsPerEpoch: number): Schedule {
  const { learningRate, milestones, warmupEpochs, schedule, schedulePer: per, accumulate } = optimizer;
  const base = optimizer.scaleByBatch ? scaleByBatch(learningRate, batch * accumulate) : learningRate;
  switch (schedule) {
    case "cosine":
      return cosine({ base, epochs, stepsPerEpoch, warmupEpochs, per });
    case "step":
      return warmup(stepDecay({ base, milestones, stepsPerEpoch }), { base, steps: warmupEpochs * stepsPerEpoch });
    case "constant":
      return warmup(constant(base), { base, steps: warmupEpochs * stepsPerEpoch });
  }
}

/** How long a configuration's training is. */
export function lengthOf({ training: { epochs }, optimizer: { accumulate } }: Config, stepsPerEpoch: number): Length {
  return { epochs, stepsPerEpoch, accumulate };
}

/**
 * The optimizer of a configuration. If asked for, gradients are accumulated first and then clipped.
 *
 * @param config The configuration.
 * @param stepsPerEpoch Steps in an epoch, which the learning rate follows.
 */
export function buildOptimizer(config: Config, stepsPerEpoch: number): Optimizer {
  const { optimizer } = config;
  const plain = builders[optimizer.name](optimizer, buildSchedule(config, stepsPerEpoch));
  const clipped = optimizer.clipNorm === undefined ? plain : clipByGlobalNorm(plain, optimizer.clipNorm);
  return optimizer.accumulate === 1 ? clipped : accumulate(clipped, optimizer.accumulate);
}
