/**
 * The steps that are timed: the same networks, batches and queues everywhere.
 *
 * @module
 */
import {
  adamW,
  batchNormHead,
  createMoco,
  createMocoV3,
  linearHead,
  type Method,
  mlpHead,
  resnet18,
  sgd,
  type Shape,
  virtualDevices,
  vitTiny,
} from "../mod.ts";

/** A step to time, on views [batch, ...input]. */
export type Workload = {
  readonly name: string;
  readonly batch: number;
  readonly input: Shape;
  readonly method: Method;
};

const common = {
  optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
  queueSize: 4096,
  momentum: 0.99,
  temperature: 0.2,
} as const;

/** ResNet-18 on CIFAR's images, with v1's head. */
const whole = (groups = 1) =>
  createMoco({
    ...common,
    backbone: resnet18({ stem: "small" }),
    head: linearHead(128),
    input: [32, 32, 3],
    devices: virtualDevices(groups),
  });

/** ResNet-18 at a quarter of the width on grey images. */
const quarter = (input: Shape, groups = 1) =>
  createMoco({
    ...common,
    backbone: resnet18({ stem: "small", width: 0.25 }),
    head: mlpHead(128),
    input,
    devices: virtualDevices(groups),
  });

/** ResNet-18 whole and at a quarter of the width, the demo's step, and MoCo v3 with a small ViT. */
export const workloads: readonly Workload[] = [
  { name: "ResNet-18, 32x32x3, batch 64", batch: 64, input: [32, 32, 3], method: whole() },
  { name: "the same in 8 groups, for shuffling batch norm", batch: 64, input: [32, 32, 3], method: whole(8) },
  {
    name: "ResNet-18 at a quarter of the width, 28x28x1, batch 64",
    batch: 64,
    input: [28, 28, 1],
    method: quarter([28, 28, 1]),
  },
  { name: "the same, batch 128", batch: 128, input: [28, 28, 1], method: quarter([28, 28, 1]) },
  {
    name: "the demo's: 20x20x1, batch 128 in 4 groups",
    batch: 128,
    input: [20, 20, 1],
    method: quarter([20, 20, 1], 4),
  },
  {
    name: "MoCo v3, ViT-tiny on 28x28x1, batch 128",
    batch: 128,
    input: [28, 28, 1],
    method: createMocoV3({
      backbone: vitTiny(),
      projector: batchNormHead({ layers: 3, hidden: 512, dimension: 128 }),
      predictor: batchNormHead({ layers: 2, hidden: 512, dimension: 128 }),
      input: [28, 28, 1],
      optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.1 }),
      momentum: 0.99,
      temperature: 0.2,
    }),
  },
];
