import type { Values } from "../core/declare.ts";
import type { BuildOptimizer } from "./build_optimizer.ts";
import { learningRate, momentum, schedule, scheduled, weightDecay } from "./common_settings.ts";

const nesterov = {
  is: "boolean",
  default: false,
  about: "updates that look ahead by the momentum, as SimCLR fine-tunes",
  flag: "nesterov",
} as const;

const fields = { ...learningRate, momentum, nesterov, weightDecay, ...schedule } as const;

/** The settings of SGD in a configuration. */
export type SgdSettings = Values<typeof fields>;

/** SGD. */
export const sgd = {
  ...scheduled,
  about: "stochastic gradient descent with momentum, as in v1 and v2",
  title: (): string => "SGD",
  fields,
  load: async (): Promise<BuildOptimizer<SgdSettings>> => {
    const { sgd } = await import("./sgd.ts");
    return ({ momentum, nesterov, weightDecay }, learningRate) =>
      sgd({ learningRate, momentum, nesterov, weightDecay });
  },
} as const;
