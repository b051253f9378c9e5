import {
  adamW,
  batchNormHead,
  createMoco,
  createMocoV3,
  type Devices,
  linearHead,
  type Method,
  mlpHead,
  resnet18,
  sgd,
  type Shape,
  vitSmall,
} from "../../mod.ts";

/** A step on some devices, and the size of the whole batch. */
export type Workload = {
  readonly batch: number;
  readonly input: Shape;
  readonly groups: 1 | "all";
  /**
   * Bytes that every device gets from all others for each image: its key, and its image where batch norm is shuffled.
   */
  readonly perRow: number;
  /** Sums over all workers in a step that wait for one another, and operations that gather rows of all. */
  readonly sums: number;
  readonly gathers: number;
  readonly method: (devices: Devices) => Method;
};

const moco = {
  optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
  queueSize: 4096,
  momentum: 0.99,
  temperature: 0.2,
} as const;

/** What is timed, by name. */
export const workloads: Readonly<Record<string, Workload>> = {
  "v2, ResNet-18, 32x32": {
    batch: 64,
    input: [32, 32, 3],
    groups: 1,
    ...{ perRow: 4 * (128 + 32 * 32 * 3), sums: 2, gathers: 2 },
    method: (devices) =>
      createMoco({
        ...moco,
        devices,
        backbone: resnet18({ stem: "small" }),
        head: linearHead(128),
        input: [32, 32, 3],
      }),
  },
  "v2, ResNet-18 at quarter width, 28x28": {
    batch: 64,
    input: [28, 28, 1],
    groups: 1,
    ...{ perRow: 4 * (128 + 28 * 28), sums: 2, gathers: 2 },
    method: (devices) =>
      createMoco({
        ...{ ...moco, devices, backbone: resnet18({ stem: "small", width: 0.25 }), head: mlpHead(128) },
        input: [28, 28, 1],
      }),
  },
  "v3, ViT-small, 96x96": {
    batch: 16,
    input: [96, 96, 3],
    groups: "all",
    ...{ perRow: 4 * 4 * 256, sums: 12, gathers: 18 },
    method: (devices) =>
      createMocoV3({
        ...{ devices, backbone: vitSmall(), input: [96, 96, 3], momentum: 0.99, temperature: 0.2 },
        projector: batchNormHead({ layers: 3, hidden: 1024, dimension: 256 }),
        predictor: batchNormHead({ layers: 2, hidden: 1024, dimension: 256 }),
        optimizer: adamW({ learningRate: 1e-4, weightDecay: 0.1 }),
      }),
  },
};
