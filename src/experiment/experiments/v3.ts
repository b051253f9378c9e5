import { adjust } from "../adjust.ts";
import type { Experiment, Scale, Variant } from "../types.ts";
import { vitCifar, vitSmoke } from "./vit_scales.ts";

const batches: readonly (readonly [Scale, number])[] = [
  ...[["smoke", 16], ["smoke", 64], ["laptop", 128], ["laptop", 512]] as const,
  ...[["cifar", 128], ["cifar", 512]] as const,
  ...[["paper", 1024], ["paper", 2048], ["paper", 6144]] as const,
];

/** Every scale but the smallest. */
const larger: readonly Scale[] = ["laptop", "cifar", "paper"];

const projections = { setting: ["baseline", "learned patches"] } as const;

/** A learning rate, per 256 images; one other than the baseline's goes only with both patch projections. */
const rate = (label: string, at: readonly Scale[], only: Pick<Variant, "with"> = {}): Variant => ({
  ...only,
  label,
  at,
  config: { optimizer: { learningRate: Number(label) } },
});

/** MoCo v3's ablations of ViTs. */
export const v3: Experiment = {
  title: "What MoCo v3's ViTs need",
  question: "How much do batch size, learning rate, frozen patch projection, predictor, momentum and positions " +
    "matter to a ViT?",
  paper: {
    source: "arXiv:2104.02057, sections 4 and 5: ViT-B/16 on ImageNet, batch 4,096, linear accuracy (%)",
    finding:
      "Without predictor, or with another momentum than 0.99, ViTs still learn, a little less. A learned patch " +
      "projection costs the more, the larger the learning rate.",
    header: ["setting", "300 epochs", "100 epochs, 0.5e-4", "100 epochs, 1.0e-4", "100 epochs, 1.5e-4"],
    rows: [
      ["baseline", 76.5, 70.8, 72.8, 73.4],
      ["learned patches", "–", 70.4, 72.2, 71.7],
      ["no predictor", 75.5, "–", "–", "–"],
      ["m 0", 74.3, "–", "–", "–"],
      ["m 0.9", 75.6, "–", "–", "–"],
      ["m 0.999", 75.0, "–", "–", "–"],
      ["learned positions", 76.1, "–", "–", "–"],
      ["no positions", 74.9, "–", "–", "–"],
    ],
  },
  scales: {
    smoke: adjust(vitSmoke, { optimizer: { scaleByBatch: true }, training: { evaluateEvery: 0 } }),
    laptop: {
      preset: "v3-vit-tiny",
      seeds: 1,
      config: {
        optimizer: { scaleByBatch: true, warmupEpochs: 1 },
        augment: { size: 20, cropScale: [0.6, 1], blurProbability: 0 },
        data: { limit: 8_192 },
        training: { epochs: 5, keep: 1, evaluateEvery: 0, logEvery: 5 },
      },
    },
    cifar: adjust(vitCifar, { optimizer: { scaleByBatch: true }, training: { evaluateEvery: 0 } }),
    paper: { preset: "v3-vit-base", seeds: 1, config: { training: { keep: 1, evaluateEvery: 10, logEvery: 100 } } },
  },
  axes: [
    {
      name: "setting",
      variants: [
        { label: "baseline" },
        { label: "learned patches", config: { encoder: { patchStem: "learned" } } },
        { label: "no predictor", config: { method: { predictor: { layers: 0 } } } },
        // A schedule that rises to 1 would be momentum after all.
        { label: "m 0", config: { method: { momentum: 0, momentumSchedule: "constant" } } },
        { label: "m 0.9", config: { method: { momentum: 0.9 } } },
        { label: "m 0.999", config: { method: { momentum: 0.999 } } },
        { label: "learned positions", at: larger, config: { encoder: { position: "learned" } } },
        { label: "no positions", at: larger, config: { encoder: { position: "none" } } },
        ...batches.map(([scale, batch]): Variant => ({
          label: `batch ${batch.toLocaleString("en-US")}`,
          at: [scale],
          config: { training: { batch } },
        })),
      ],
    },
    {
      name: "learning rate",
      variants: [
        rate("5e-4", ["laptop", "cifar"], { with: projections }),
        rate("1e-3", ["smoke", "laptop", "cifar"]),
        rate("2e-3", ["laptop", "cifar"], { with: projections }),
        rate("0.5e-4", ["paper"], { with: projections }),
        rate("1.0e-4", ["paper"], { with: projections }),
        rate("1.5e-4", ["paper"]),
      ],
    },
  ],
  reference: { "setting": "baseline", "learning rate": "1e-3" },
  measures: ["linear", "knn", "batch", "secondsPerStep"],
  figures: [
    {
      kind: "bars",
      title: "Accuracy of the settings",
      axis: "setting",
      measures: ["linear", "knn"],
      with: { "learning rate": ["1e-3", "1.5e-4"] },
    },
    {
      kind: "line",
      title: "Linear accuracy over learning rate",
      axis: "learning rate",
      measures: ["linear"],
      with: projections,
    },
  ],
};
