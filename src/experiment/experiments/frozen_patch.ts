import { adjust } from "../adjust.ts";
import type { Experiment } from "../types.ts";
import { vitCifar, vitSmoke } from "./vit_scales.ts";

/** MoCo v3's frozen patch projection. */
export const frozenPatch: Experiment = {
  title: "Frozen or learned patch projection",
  question:
    "Do the gradients of a ViT's first layer spike while it trains, and does freezing the patch projection calm them?",
  paper: {
    source:
      "arXiv:2104.02057, sections 4.1 and 4.2, figures 4 and 5 and the table beside them: ViT-B/16, batch 4,096, " +
      "100 epochs on ImageNet, linear accuracy (%) by learning rate",
    finding: "Spikes of the gradient begin in the first layer and come before dips of the kNN curve. With a patch " +
      "projection that stays random the curve is smoother, and accuracy no lower, the more so at larger learning " +
      "rates.",
    header: ["patch projection", "0.5e-4", "1.0e-4", "1.5e-4"],
    rows: [["learned", 70.4, 72.2, 71.7], ["frozen", 70.8, 72.8, 73.4]],
  },
  scales: {
    smoke: adjust(vitSmoke, { training: { evaluateSteps: 4 } }),
    laptop: {
      preset: "v3-vit-tiny",
      seeds: 3,
      // Twice the preset's learning rate: the paper sees the spikes grow with it.
      config: {
        optimizer: { learningRate: 2e-3, warmupEpochs: 1 },
        data: { limit: 20_000 },
        training: { epochs: 4, keep: 1, evaluateSteps: 39, logEvery: 1 },
      },
    },
    cifar: adjust(vitCifar, { optimizer: { learningRate: 2e-3 }, training: { evaluateSteps: 195 } }),
    paper: {
      preset: "v3-vit-base",
      seeds: 1,
      config: { training: { epochs: 100, keep: 1, evaluateSteps: 500, logEvery: 10 } },
    },
  },
  axes: [{
    name: "patch projection",
    variants: [
      { label: "learned", config: { encoder: { patchStem: "learned" } } },
      { label: "frozen", config: { encoder: { patchStem: "frozen" } } },
    ],
  }],
  measures: ["knn", "linear"],
  figures: [
    {
      kind: "curves",
      title: "First trained layer",
      over: "step",
      y: "Gradient norm",
      of: ["gradientNorm.backbone.patch_embed.proj", "gradientNorm.backbone.blocks.0"],
      log: true,
    },
    {
      kind: "curves",
      title: "First block",
      over: "step",
      y: "Gradient norm",
      of: ["gradientNorm.backbone.blocks.0"],
      log: true,
    },
    {
      kind: "curves",
      title: "Last layer",
      over: "step",
      y: "Gradient norm",
      of: ["gradientNorm.backbone.norm"],
      log: true,
    },
    { kind: "curves", title: "kNN accuracy while training", over: "step", y: "kNN accuracy (%)", of: ["knn"] },
  ],
};
