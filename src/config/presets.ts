/**
 * Named configurations, as data. A preset is a partial configuration: a file and flags override its fields.
 *
 * @module
 */
import type { PartialConfig } from "./types.ts";

/** A named configuration. */
export type Preset = {
  /** What it is for, in one line. */
  readonly about: string;
  /** The fields in which it differs from the defaults. */
  readonly config: PartialConfig;
};

/** MoCo v1's and v2's common part on ImageNet (arXiv:1911.05722 section 3.3, arXiv:2003.04297). */
const imagenet = {
  method: { name: "moco", queue: 65536, momentum: 0.999, dimension: 128, symmetric: false, shuffle: true, groups: 8 },
  encoder: { name: "resnet50", width: 1, stem: "imagenet" },
  optimizer: { name: "sgd", learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4, warmupEpochs: 0 },
  data: { name: "folder" },
  training: { epochs: 200, batch: 256 },
} as const satisfies PartialConfig;

/** MoCo v3's common part on ImageNet (arXiv:2104.02057 sections 4.1 and 5); its heads are the defaults. */
const imagenetV3 = {
  method: { name: "moco-v3", momentum: 0.99, momentumSchedule: "cosine", dimension: 256, groups: 1 },
  augment: { recipe: "v3", size: 224 },
  data: { name: "folder" },
  training: { epochs: 300, batch: 4096 },
} as const satisfies PartialConfig;

const resnetV3 = {
  ...imagenetV3,
  method: { ...imagenetV3.method, temperature: 1 },
  encoder: { name: "resnet50", width: 1, stem: "imagenet", zeroInitResidual: true },
  optimizer: {
    ...{ name: "lars", learningRate: 0.3, scaleByBatch: true, momentum: 0.9, weightDecay: 1e-6, trust: 0.001 },
    ...{ schedule: "cosine", schedulePer: "iteration", warmupEpochs: 10 },
  },
} as const satisfies PartialConfig;

const vitV3 = {
  ...imagenetV3,
  method: { ...imagenetV3.method, temperature: 0.2 },
  encoder: { patch: 16, patchStem: "frozen", position: "sin-cos", pool: "class" },
  optimizer: {
    ...{ name: "adamw", learningRate: 1.5e-4, scaleByBatch: true, weightDecay: 0.1 },
    ...{ schedule: "cosine", schedulePer: "iteration", warmupEpochs: 40 },
  },
  augment: { ...imagenetV3.augment, cropScale: [0.08, 1] },
} as const satisfies PartialConfig;

/** The authors' single-GPU recipe for CIFAR-10, with v2's crops and ImageNet's normalisation. */
const cifar = {
  method: {
    ...{ name: "moco", queue: 4096, momentum: 0.99, head: "linear", dimension: 128 },
    ...{ temperature: 0.1, shuffle: true, groups: 8 },
  },
  encoder: { name: "resnet18", width: 1, stem: "small" },
  optimizer: { name: "sgd", learningRate: 0.06, momentum: 0.9, weightDecay: 5e-4, schedule: "cosine", warmupEpochs: 0 },
  augment: { recipe: "v2", size: 32, blurProbability: 0 },
  data: { name: "cifar10" },
  training: { epochs: 200, batch: 512, evaluateEvery: 10 },
} as const satisfies PartialConfig;

/** The same with the authors' own crops and normalisation, which are torchvision's default and CIFAR-10's. */
const cifarAuthors = {
  ...cifar,
  augment: {
    ...{ ...cifar.augment, cropScale: [0.08, 1] },
    ...{ mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  },
} as const satisfies PartialConfig;

/** Mild crops without blur: clothes are told apart by their outline. */
const mild = { cropScale: [0.6, 1], blurProbability: 0 } as const;

/** Small networks on 28x28 grey images, for two CPU cores. */
const fashion = {
  method: { name: "moco", queue: 4096, momentum: 0.99, dimension: 128, shuffle: true, groups: 4 },
  encoder: { name: "resnet18", width: 0.25, stem: "small" },
  optimizer: { name: "sgd", learningRate: 0.06, momentum: 0.9, weightDecay: 5e-4 },
  data: { name: "fashion-mnist" },
  training: { epochs: 20, batch: 128 },
} as const satisfies PartialConfig;

/** v2's head and temperature. */
const mlp = { head: "mlp", dimension: 128, temperature: 0.2 } as const;

/** The same with v2's schedule and augmentation: what MoCo v2 shares here with the mechanisms it is compared with. */
const fashionStrong = {
  ...fashion,
  optimizer: { ...fashion.optimizer, schedule: "cosine" },
  augment: { recipe: "v2", size: 28 },
} as const satisfies PartialConfig;

/** MoCo v3 on 28x28 grey images, for two CPU cores: narrow heads, and a batch that holds more negatives. */
const fashionV3 = {
  method: {
    ...{ name: "moco-v3", momentum: 0.99, momentumSchedule: "cosine", dimension: 128, temperature: 0.2, groups: 1 },
    ...{ projector: { hidden: 512 }, predictor: { hidden: 512 } },
  },
  data: { name: "fashion-mnist" },
  training: { epochs: 20, batch: 256, evaluateEvery: 1 },
} as const satisfies PartialConfig;

/** MoCo v2 on Fashion-MNIST within minutes: low temperature, small views. */
const demo = {
  ...fashion,
  method: { ...fashion.method, head: "mlp", temperature: 0.07 },
  encoder: { ...fashion.encoder, evaluationGrid: 2 }, // clothes lie in place
  optimizer: { ...fashion.optimizer, learningRate: 0.05, schedule: "cosine", schedulePer: "iteration" },
  augment: { ...mild, recipe: "v2", size: 20, evaluationSize: 28 }, // smaller views halve the cost
  training: { ...fashion.training, epochs: 6, evaluateEvery: 1 },
} as const satisfies PartialConfig;

/** The preset that the demo starts from where none is named. */
export const demoPreset = "demo";

/**
 * Every preset by name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { presets } from "@momentum-contrast/moco";
 *
 * assertEquals(presets["cifar10-night"].config.training?.epochs, 100);
 * ```
 */
export const presets: Readonly<Record<string, Preset>> = {
  "v1": {
    about: "MoCo v1 as published: ResNet-50 on a folder of images at 224 pixels, 200 epochs",
    config: {
      ...imagenet,
      method: { ...imagenet.method, head: "linear", temperature: 0.07 },
      optimizer: { ...imagenet.optimizer, schedule: "step", milestones: [120, 160] },
      augment: { recipe: "v1", size: 224 },
    },
  },
  "v2": {
    about: "MoCo v2 as published: v1 with an MLP head, stronger augmentation and the cosine schedule",
    config: {
      ...imagenet,
      method: { ...imagenet.method, head: "mlp", temperature: 0.2 },
      optimizer: { ...imagenet.optimizer, schedule: "cosine" },
      augment: { recipe: "v2", size: 224 },
    },
  },
  "v3-resnet50-100": {
    about: "MoCo v3 as published, ResNet-50 for 100 epochs",
    config: {
      ...resnetV3,
      optimizer: { ...resnetV3.optimizer, learningRate: 0.6 },
      training: { ...resnetV3.training, epochs: 100 },
    },
  },
  "v3-resnet50-300": {
    about: "MoCo v3 as published, ResNet-50 for 300 epochs",
    config: resnetV3,
  },
  "v3-resnet50-1000": {
    about: "MoCo v3 as published, ResNet-50 for 1,000 epochs",
    config: {
      ...resnetV3,
      method: { ...resnetV3.method, momentum: 0.996 },
      optimizer: { ...resnetV3.optimizer, weightDecay: 1.5e-6 }, // as the authors' command for it has it
      training: { ...resnetV3.training, epochs: 1000 },
    },
  },
  "v3-vit-small": {
    about: "MoCo v3 as published, ViT-S with 16-pixel patches for 300 epochs",
    config: { ...vitV3, encoder: { ...vitV3.encoder, name: "vit-small" } },
  },
  "v3-vit-base": {
    about: "MoCo v3 as published, ViT-B with 16-pixel patches for 300 epochs",
    config: { ...vitV3, encoder: { ...vitV3.encoder, name: "vit-base" } },
  },
  "cifar10": {
    about: "the authors' single-GPU recipe for CIFAR-10, one-way loss: ResNet-18 at 32 pixels",
    config: cifarAuthors,
  },
  "cifar10-symmetric": {
    about: "the same with the symmetric loss",
    config: { ...cifarAuthors, method: { ...cifar.method, symmetric: true } },
  },
  "cifar10-memory-bank": {
    about: "a memory bank on CIFAR-10 that learns within 20 epochs: quarter-width ResNet-18, stem of stride 2",
    config: {
      ...cifar,
      method: {
        ...{ name: "memory-bank", negatives: 4096, momentum: 0.5, head: "linear", dimension: 128 },
        ...{ temperature: 0.1, groups: 4 },
      },
      encoder: { ...cifar.encoder, width: 0.25, stemStride: 2 },
      optimizer: { ...cifar.optimizer, learningRate: 0.03 },
      training: { epochs: 20, batch: 64, evaluateEvery: 4 },
    },
  },
  "cifar10-night": {
    about: "the CIFAR-10 recipe for a night on two cores: half-width ResNet-18, MLP head, 100 epochs",
    config: {
      ...cifar,
      method: { ...cifar.method, head: "mlp" },
      encoder: { ...cifar.encoder, width: 0.5 },
      training: { epochs: 100, batch: 256, precision: "bfloat16", evaluateEvery: 5 },
    },
  },
  "photos": {
    about: "your own folder of photographs on a small machine: half-width ResNet-18 at 64 pixels",
    config: {
      ...cifar,
      method: { ...cifar.method, head: "mlp", temperature: 0.2 },
      encoder: { ...cifar.encoder, width: 0.5 },
      augment: { recipe: "v2", size: 64 },
      data: { name: "folder" },
      training: { epochs: 100, batch: 128 },
    },
  },
  "fashion-v1": {
    about: "MoCo v1 on Fashion-MNIST: quarter-width ResNet-18 at 28 pixels",
    config: {
      ...fashion,
      method: { ...fashion.method, head: "linear", temperature: 0.07 },
      optimizer: { ...fashion.optimizer, schedule: "step", milestones: [12, 16] },
      augment: { recipe: "v1", size: 28 },
    },
  },
  "fashion-v2": {
    about: "MoCo v2 on Fashion-MNIST: quarter-width ResNet-18 at 28 pixels",
    config: { ...fashionStrong, method: { ...fashion.method, ...mlp } },
  },
  "end-to-end": {
    about: "fashion-v2 with the end-to-end mechanism: both encoders by back-propagation, the batch as dictionary",
    config: { ...fashionStrong, method: { name: "end-to-end", ...mlp, shuffle: true, groups: 4 } },
  },
  "simclr": {
    about: "fashion-v2 with SimCLR: one encoder, every view of the batch against all others",
    config: { ...fashionStrong, method: { name: "simclr", ...mlp, groups: 1 } },
  },
  "memory-bank": {
    about: "fashion-v2 with a memory bank: a stored key for each image, as many negatives as fashion-v2's queue holds",
    config: {
      ...fashionStrong,
      method: { name: "memory-bank", negatives: 4096, momentum: 0.5, ...mlp, groups: 4 },
    },
  },
  "v3-resnet": {
    about: "MoCo v3 on Fashion-MNIST: quarter-width ResNet-18, views of 20 pixels",
    config: {
      ...fashionV3,
      encoder: { ...fashion.encoder, zeroInitResidual: true },
      // At batches of a few hundred images, SGD does not need what LARS adds.
      optimizer: { ...fashion.optimizer, learningRate: 0.1, schedule: "cosine", warmupEpochs: 1 },
      augment: { ...mild, recipe: "v3", size: 20 },
    },
  },
  "v3-vit-tiny": {
    about: "MoCo v3 on Fashion-MNIST: ViT of 4 blocks on 7x7 patches of 4 pixels",
    config: {
      ...fashionV3,
      encoder: { name: "vit-tiny", patch: 4, channels: 96, depth: 4, heads: 3 },
      optimizer: { name: "adamw", learningRate: 1e-3, weightDecay: 0.1, schedule: "cosine", warmupEpochs: 2 },
      augment: { ...mild, recipe: "v3", size: 28 },
    },
  },
  "demo": {
    about: "what `deno task demo` trains: MoCo v2 on Fashion-MNIST within minutes on two cores",
    config: demo,
  },
  "demo-long": {
    about: "the demo's training for an hour at most, with features of the whole last map",
    config: {
      ...demo,
      encoder: { ...demo.encoder, evaluationGrid: 4 },
      training: { ...demo.training, epochs: 24, evaluateEvery: 4 },
    },
  },
};
