import type { ScaleOptions } from "../types.ts";

/** The scale smoke of MoCo v3's experiments: a ViT of one narrow block on a handful of images. */
export const vitSmoke: ScaleOptions = {
  preset: "v3-vit-tiny",
  seeds: 1,
  config: {
    method: { projector: { hidden: 16 }, predictor: { hidden: 16 } },
    encoder: { depth: 1, channels: 12 },
    optimizer: { warmupEpochs: 0 },
    data: { limit: 256 },
    training: { epochs: 2, batch: 32, jit: false, keep: 1, logEvery: 1 },
  },
};

/** Their scale cifar: the small ViT on photographs, with the views that the ResNets get. */
export const vitCifar: ScaleOptions = {
  preset: "v3-vit-tiny",
  seeds: 3,
  config: {
    augment: { size: 32, cropScale: [0.2, 1], blurProbability: 0 },
    data: { name: "cifar10" },
    training: { keep: 1, logEvery: 1 },
  },
};
