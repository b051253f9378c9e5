import type { Values } from "../core/declare.ts";
import { dimension, groups, groupsDivideBatch, momentum, momentumSchedule, temperature } from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const hidden = {
  is: "integer",
  min: 1,
  max: 65_536,
  default: 4096,
  about: "features between the linear layers",
} as const;
const lastNorm = { is: "boolean", default: true, about: "batch norm at its end" } as const;

const fields = {
  momentum,
  momentumSchedule: { ...momentumSchedule, default: "cosine" },
  dimension: { ...dimension, default: 256 },
  temperature: { ...temperature, default: 1 },
  groups: { ...groups, default: 1 },
  projector: {
    is: "group",
    title: "Projector",
    fields: {
      layers: { is: "integer", min: 1, max: 32, default: 2, about: "linear layers", flag: "projector-layers" },
      hidden: { ...hidden, flag: "projector-hidden" },
      lastNorm: { ...lastNorm, flag: "projector-last-norm" },
    },
  },
  predictor: {
    is: "group",
    title: "Predictor",
    fields: {
      layers: {
        is: "integer",
        min: 0,
        max: 32,
        default: 2,
        about: "linear layers; 0 for no predictor",
        flag: "predictor-layers",
      },
      hidden: { ...hidden, flag: "predictor-hidden" },
      lastNorm: { ...lastNorm, default: false, flag: "predictor-last-norm" },
    },
  },
} as const;

/** The settings of MoCo v3 in a configuration. */
export type MocoV3Settings = Values<typeof fields>;

/** MoCo v3. The defaults of its fields are the paper's for ResNets. */
export const mocoV3 = {
  about: "Momentum Contrast without a queue: both views are queries and keys, and the queries have a predictor",
  title: (): string => "MoCo v3",
  fields,
  rules: [groupsDivideBatch],
  defaults: [
    { set: { optimizer: { schedulePer: "iteration" } } },
    // arXiv:2104.02057, section 5: the paper's values for vision transformers.
    {
      where: "encoder.patch",
      set: { method: { temperature: 0.2, projector: { layers: 3 }, predictor: { lastNorm: true } } },
    },
  ],
  load: async (): Promise<BuildMethod<MocoV3Settings>> => {
    const { virtualDevices } = await import("../core/devices.ts");
    const { createMocoV3 } = await import("./moco_v3.ts");
    const { keyMomentum, normedHead } = await import("./parts.ts");
    return (settings, { backbone, input, optimizer, length, devices: devicesOf = virtualDevices }) => {
      const { dimension, temperature, groups } = settings;
      const devices = devicesOf(groups);
      const [projector, predictor] = [settings.projector, settings.predictor].map((head) =>
        normedHead(head, dimension)
      );
      const momentum = keyMomentum(settings, length);
      return createMocoV3({ backbone, projector, predictor, input, optimizer, momentum, temperature, devices });
    };
  },
} as const;
