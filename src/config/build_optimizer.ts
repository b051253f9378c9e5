/**
 * The optimizer of a configuration, and what follows the step: learning rate and momentum.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";
import { momentumSchedule } from "../methods/momentum_schedule.ts";
import { accumulate, everyNth } from "../optim/accumulate.ts";
import { adamW } from "../optim/adamw.ts";
import { clipByGlobalNorm } from "../optim/clip.ts";
import { lars } from "../optim/lars.ts";
import { scaleByBatch } from "../optim/scale_by_batch.ts";
import { constant, cosine, stepDecay, warmup } from "../optim/schedules.ts";
import { sgd } from "../optim/sgd.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";
import type { Config, OptimizerConfig } from "./types.ts";

/** Every optimizer by name. */
const optimizers: Readonly<
  Record<OptimizerConfig["name"], (config: OptimizerConfig, learningRate: Schedule) => Optimizer<Tree>>
> = {
  sgd: ({ momentum, weightDecay }, learningRate) => sgd({ learningRate, momentum, weightDecay }),
  lars: ({ momentum, weightDecay, trust }, learningRate) => lars({ learningRate, momentum, weightDecay, trust }),
  adamw: ({ beta1, beta2, epsilon, weightDecay }, learningRate) =>
    adamW({ learningRate, beta1, beta2, epsilon, weightDecay }),
};

/**
 * The learning rate of a configuration, after any number of steps.
 *
 * @param config The configuration; its part `optimizer`, the batch and the number of epochs are followed.
 * @param stepsPerEpoch Steps in an epoch.
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

/**
 * The momentum of a configuration's key encoder: a number, or what follows the step.
 *
 * @param config The configuration; its parts `method` and `optimizer`, and the number of epochs are followed.
 * @param stepsPerEpoch Steps in an epoch.
 */
export function buildMomentum({ method, optimizer, training }: Config, stepsPerEpoch: number): number | Schedule {
  const { momentum: base } = method;
  const momentum = method.momentumSchedule === "constant"
    ? base
    : momentumSchedule({ base, epochs: training.epochs, stepsPerEpoch });
  return optimizer.accumulate === 1 ? momentum : everyNth(momentum, optimizer.accumulate);
}

/**
 * The optimizer of a configuration: of gradients that are gathered first, and then clipped, where either is asked for.
 *
 * @param config The configuration.
 * @param stepsPerEpoch Steps in an epoch, which the learning rate follows.
 */
export function buildOptimizer(config: Config, stepsPerEpoch: number): Optimizer {
  const { optimizer } = config;
  const plain = optimizers[optimizer.name](optimizer, buildSchedule(config, stepsPerEpoch));
  const clipped = optimizer.clipNorm === undefined ? plain : clipByGlobalNorm(plain, optimizer.clipNorm);
  return optimizer.accumulate === 1 ? clipped : accumulate(clipped, optimizer.accumulate);
}
