/**
 * The steps that are timed: the same networks, batches and queues everywhere.
 *
 * @module
 */
import { linearHead, mlpHead, type MocoConfig, resnet18, sgd } from "../mod.ts";

/** A step to time. */
export type Workload = { readonly name: string; readonly batch: number; readonly config: MocoConfig };

const common = {
  optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
  queueSize: 4096,
  momentum: 0.99,
  temperature: 0.2,
} as const;

/** The two workloads, and the demo's network. */
export const workloads: readonly Workload[] = [
  {
    name: "ResNet-18, 32x32x3, batch 64",
    batch: 64,
    config: { ...common, backbone: resnet18({ stem: "small" }), head: linearHead(128), input: [32, 32, 3] },
  },
  {
    name: "ResNet-18 at a quarter of the width, 28x28x1, batch 128",
    batch: 128,
    config: { ...common, backbone: resnet18({ stem: "small", width: 0.25 }), head: mlpHead(128), input: [28, 28, 1] },
  },
  {
    name: "the same with a stem of stride 2",
    batch: 128,
    config: {
      ...common,
      backbone: resnet18({ stem: "small", width: 0.25, stemStride: 2 }),
      head: mlpHead(128),
      input: [28, 28, 1],
    },
  },
];
