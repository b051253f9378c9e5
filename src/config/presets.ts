/**
 * Named configurations, as data. A preset is a partial configuration: a file and flags override its fields.
 *
 * @module
 */
import type { Config } from "./config.ts";

/** Some fields of a configuration. */
export type PartialConfig = { readonly [Section in keyof Config]?: Partial<Config[Section]> };

/** A named configuration. */
export type Preset = {
  /** What it is for, in one line. */
  readonly about: string;
  /** The fields in which it differs from the defaults. */
  readonly config: PartialConfig;
};

/** MoCo v1's and v2's common part on ImageNet (arXiv:1911.05722 section 3.3, arXiv:2003.04297). */
const imagenet = {
  method: { name: "moco", queue: 65536, momentum: 0.999, symmetric: false, shuffle: true, groups: 8 },
  encoder: { name: "resnet50", width: 1, stem: "imagenet", dimension: 128 },
  optimizer: { name: "sgd", learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4, warmupEpochs: 0 },
  data: { name: "folder" },
  training: { epochs: 200, batch: 256 },
} as const satisfies PartialConfig;

/** The authors' single-GPU recipe for CIFAR-10. */
const cifar = {
  method: { name: "moco", queue: 4096, momentum: 0.99, temperature: 0.1, shuffle: true, groups: 8 },
  encoder: { name: "resnet18", width: 1, stem: "small", head: "linear", dimension: 128 },
  optimizer: { name: "sgd", learningRate: 0.06, momentum: 0.9, weightDecay: 5e-4, schedule: "cosine", warmupEpochs: 0 },
  augment: { recipe: "v2", size: 32, blurProbability: 0 },
  data: { name: "cifar10" },
  training: { epochs: 200, batch: 512, evaluateEvery: 10 },
} as const satisfies PartialConfig;

/** Small networks on 28x28 grey images, for two CPU cores. */
const fashion = {
  method: { name: "moco", queue: 4096, momentum: 0.99, shuffle: true, groups: 4 },
  encoder: { name: "resnet18", width: 0.25, stem: "small", dimension: 128 },
  optimizer: { name: "sgd", learningRate: 0.06, momentum: 0.9, weightDecay: 5e-4 },
  data: { name: "fashion-mnist" },
  training: { epochs: 20, batch: 128 },
} as const satisfies PartialConfig;

/** Every preset by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "v1": {
    about: "MoCo v1 as published: ResNet-50 on a folder of images at 224 pixels, 200 epochs",
    config: {
      ...imagenet,
      method: { ...imagenet.method, temperature: 0.07 },
      encoder: { ...imagenet.encoder, head: "linear" },
      optimizer: { ...imagenet.optimizer, schedule: "step", milestones: [120, 160] },
      augment: { recipe: "v1", size: 224 },
    },
  },
  "v2": {
    about: "MoCo v2 as published: v1 with an MLP head, stronger augmentation and the cosine schedule",
    config: {
      ...imagenet,
      method: { ...imagenet.method, temperature: 0.2 },
      encoder: { ...imagenet.encoder, head: "mlp" },
      optimizer: { ...imagenet.optimizer, schedule: "cosine" },
      augment: { recipe: "v2", size: 224 },
    },
  },
  "cifar10": {
    about: "the authors' single-GPU recipe for CIFAR-10, one-way loss: ResNet-18 at 32 pixels",
    config: cifar,
  },
  "cifar10-symmetric": {
    about: "the same with the symmetric loss",
    config: { ...cifar, method: { ...cifar.method, symmetric: true } },
  },
  "photos": {
    about: "your own folder of photographs on a small machine: half-width ResNet-18 at 64 pixels",
    config: {
      ...cifar,
      method: { ...cifar.method, temperature: 0.2 },
      encoder: { ...cifar.encoder, width: 0.5, head: "mlp" },
      augment: { recipe: "v2", size: 64 },
      data: { name: "folder" },
      training: { epochs: 100, batch: 128 },
    },
  },
  "fashion-v1": {
    about: "MoCo v1 on Fashion-MNIST: quarter-width ResNet-18 at 28 pixels",
    config: {
      ...fashion,
      method: { ...fashion.method, temperature: 0.07 },
      encoder: { ...fashion.encoder, head: "linear" },
      optimizer: { ...fashion.optimizer, schedule: "step", milestones: [12, 16] },
      augment: { recipe: "v1", size: 28 },
    },
  },
  "fashion-v2": {
    about: "MoCo v2 on Fashion-MNIST: quarter-width ResNet-18 at 28 pixels",
    config: {
      ...fashion,
      method: { ...fashion.method, temperature: 0.2 },
      encoder: { ...fashion.encoder, head: "mlp" },
      optimizer: { ...fashion.optimizer, schedule: "cosine" },
      augment: { recipe: "v2", size: 28 },
    },
  },
  "demo": {
    about: "what `deno task demo` trains: MoCo v2 on Fashion-MNIST within minutes on two cores",
    config: {
      ...fashion,
      method: { ...fashion.method, temperature: 0.07 },
      encoder: { ...fashion.encoder, head: "mlp" },
      optimizer: { ...fashion.optimizer, learningRate: 0.05, schedule: "cosine", schedulePer: "iteration" },
      // Mild crops without blur: clothes are told apart by their outline. Views of 20 pixels halve the cost.
      augment: { recipe: "v2", size: 20, evaluationSize: 28, cropScale: [0.6, 1], blurProbability: 0 },
      training: { ...fashion.training, epochs: 7, evaluateEvery: 1 },
    },
  },
};
