import type { Experiment } from "../types.ts";

/** The three versions of MoCo side by side. */
export const methods: Experiment = {
  title: "MoCo v1, v2 and v3 side by side",
  question: "Does each version of MoCo learn better features than the one before, and a ViT as good ones as a ResNet?",
  paper: {
    source: "arXiv:1911.05722, arXiv:2003.04297 and arXiv:2104.02057: ImageNet, ResNet-50 and ViT-S/16",
    finding: "The MLP head, stronger augmentation and the cosine schedule make v2; v3 does without the queue, with a " +
      "predictor and large batches, and trains ViTs too.",
    header: ["method", "epochs", "linear accuracy (%)"],
    rows: [["v1", "200", 60.6], ["v2", "200", 67.5], ["v3, ResNet", "300", 72.8], ["v3, ViT", "300", 73.2]],
  },
  scales: {
    smoke: {
      preset: "fashion-v2",
      seeds: 1,
      config: {
        method: { queue: 128, projector: { hidden: 16 }, predictor: { hidden: 16 } },
        encoder: { width: 0.125, stemStride: 2, evaluationGrid: 1, depth: 1, channels: 12 },
        optimizer: { milestones: [1], warmupEpochs: 0 },
        data: { limit: 256 },
        training: { epochs: 2, batch: 32, jit: false, keep: 1, logEvery: 1 },
      },
    },
    laptop: {
      preset: "fashion-v2",
      seeds: 1,
      // The same for all: the views that `demo` takes, whole images of their size, and global means as features.
      config: {
        encoder: { evaluationGrid: 1 },
        optimizer: { milestones: [3, 4] },
        augment: { size: 20, evaluationSize: 20, cropScale: [0.6, 1], blurProbability: 0 },
        training: { epochs: 5, keep: 1, evaluateEvery: 1 },
      },
    },
    cifar: {
      preset: "fashion-v2",
      seeds: 3,
      config: {
        augment: { size: 32, cropScale: [0.2, 1], blurProbability: 0 },
        data: { name: "cifar10" },
        training: { keep: 1, evaluateEvery: 2 },
      },
    },
    paper: { preset: "v2", seeds: 1, config: { training: { keep: 1, evaluateEvery: 10, logEvery: 100 } } },
  },
  axes: [{
    name: "method",
    variants: [
      { label: "v1", preset: { smoke: "fashion-v1", laptop: "fashion-v1", cifar: "fashion-v1", paper: "v1" } },
      { label: "v2", preset: { smoke: "demo", laptop: "demo", cifar: "fashion-v2", paper: "v2" } },
      {
        label: "v3, ResNet",
        preset: { smoke: "v3-resnet", laptop: "v3-resnet", cifar: "v3-resnet", paper: "v3-resnet50-300" },
      },
      {
        label: "v3, ViT",
        preset: { smoke: "v3-vit-tiny", laptop: "v3-vit-tiny", cifar: "v3-vit-tiny", paper: "v3-vit-small" },
      },
    ],
  }],
  measures: ["epochs", "imagesPerSecond", "knn", "linear", "randomKnn", "randomLinear"],
  figures: [
    {
      kind: "bars",
      title: "Accuracy of the methods",
      axis: "method",
      measures: ["linear", "randomLinear", "knn", "randomKnn"],
    },
    { kind: "curves", title: "kNN accuracy while training", over: "epoch", y: "kNN accuracy (%)", of: ["knn"] },
  ],
};
