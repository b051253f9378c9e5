import type { Values } from "../core/declare.ts";
import type { BuildOptimizer } from "./build_optimizer.ts";
import { learningRate, schedule, scheduled, weightDecay } from "./common_settings.ts";

const fields = {
  ...learningRate,
  learningRate: { ...learningRate.learningRate, default: 1e-3 },
  weightDecay: { ...weightDecay, default: 0.1 },
  beta1: { is: "number", min: 0, below: 1, default: 0.9, about: "decay rate of the mean gradient" },
  beta2: { is: "number", min: 0, below: 1, default: 0.999, about: "decay rate of the mean squared gradient" },
  epsilon: { is: "number", min: 0, default: 1e-8, about: "what is added to the root of the mean square" },
  ...schedule,
} as const;

/** The settings of AdamW in a configuration. */
export type AdamWSettings = Values<typeof fields>;

/** AdamW. */
export const adamw = {
  ...scheduled,
  about: "AdamW: v3 with vision transformers",
  title: (): string => "AdamW",
  fields,
  load: async (): Promise<BuildOptimizer<AdamWSettings>> => {
    const { adamW } = await import("./adamw.ts");
    return ({ beta1, beta2, epsilon, weightDecay }, learningRate) =>
      adamW({ learningRate, beta1, beta2, epsilon, weightDecay });
  },
} as const;
