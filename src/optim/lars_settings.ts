import type { Values } from "../core/declare.ts";
import type { BuildOptimizer } from "./build_optimizer.ts";
import { learningRate, momentum, schedule, scheduled, weightDecay } from "./common_settings.ts";

const fields = {
  ...learningRate,
  learningRate: { ...learningRate.learningRate, default: 0.3 },
  momentum,
  weightDecay: { ...weightDecay, default: 1e-6, about: "on parameters with two axes or more" },
  trust: {
    is: "number",
    above: 0,
    max: 1,
    default: 0.001,
    about: "trust coefficient: how far a gradient moves a parameter, as a share of its norm, at a learning rate of 1",
  },
  ...schedule,
} as const;

/** The settings of LARS in a configuration. */
export type LarsSettings = Values<typeof fields>;

/** LARS. */
export const lars = {
  ...scheduled,
  about: "LARS, for large batches: v3 with ResNets",
  title: (): string => "LARS",
  fields,
  load: async (): Promise<BuildOptimizer<LarsSettings>> => {
    const { lars } = await import("./lars.ts");
    return ({ momentum, weightDecay, trust }, learningRate) => lars({ learningRate, momentum, weightDecay, trust });
  },
} as const;
