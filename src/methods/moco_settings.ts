import type { Rule, Values } from "../core/declare.ts";
import { neighbours } from "../core/neighbours.ts";
import {
  contrasted,
  groups,
  groupsDivideBatch,
  momentum,
  momentumSchedule,
  shuffle,
  shufflingWarnings,
} from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const fields = {
  queue: {
    is: "integer",
    min: 1,
    max: 100_000_000,
    default: 4096,
    about: "keys in the queue (K); a multiple of what a step enqueues",
    flag: "queue",
  },
  momentum,
  momentumSchedule,
  ...contrasted,
  symmetric: {
    is: "boolean",
    default: false,
    about: "both directions of the loss, each view being query once and key once",
    flag: "symmetric",
  },
  shuffle,
  groups,
} as const;

/** The settings of MoCo v1 or v2 in a configuration. */
export type MocoSettings = Values<typeof fields>;

type WithMoco = { readonly method: MocoSettings; readonly training: { readonly batch: number } };

/** The queue is a whole number of steps long. */
const queueHoldsSteps: Rule<WithMoco> = {
  reads: ["method.queue", "method.symmetric", "training.batch"],
  check: ({ method: { queue, symmetric }, training: { batch } }) => {
    const enqueued = symmetric ? 2 * batch : batch;
    const twice = symmetric ? " x 2, method.symmetric being true" : "";
    return queue % enqueued === 0 ? undefined : {
      expected: `a multiple of the ${enqueued} keys that a step enqueues (training.batch${twice})`,
      found: `${queue}; ${neighbours(queue, enqueued)} would do`,
    };
  },
};

/** MoCo v1 and v2, which differ in head, augmentation and schedule. */
export const moco = {
  about: "Momentum Contrast with a queue, v1 or v2",
  title: ({ head }: MocoSettings): string => head === "mlp" ? "MoCo v2" : "MoCo v1",
  fields,
  rules: [queueHoldsSteps, groupsDivideBatch],
  warnings: (config: WithMoco, images?: number): readonly string[] => {
    const { queue } = config.method;
    const crowded = images !== undefined && queue > images / 2;
    return [
      ...shufflingWarnings(config),
      ...crowded
        ? [
          `method.queue (${queue}) is more than half of the ${images} images: many negatives will be older views of ` +
          "the query's own image.",
        ]
        : [],
    ];
  },
  load: async (): Promise<BuildMethod<MocoSettings>> => {
    const { createMoco } = await import("./moco.ts");
    const { contrasting, keyMomentum } = await import("./parts.ts");
    return (settings, parts) => {
      const { queue: queueSize, shuffle, symmetric } = settings;
      const momentum = keyMomentum(settings, parts.length);
      return createMoco({ ...contrasting(settings, parts), queueSize, momentum, shuffle, symmetric });
    };
  },
} as const;
