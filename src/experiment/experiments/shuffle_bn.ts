import { adjust } from "../adjust.ts";
import type { Experiment } from "../types.ts";
import { queueScales } from "./queue_scales.ts";

/** MoCo v1's appendix on shuffling batch norm. */
export const shuffleBn: Experiment = {
  title: "Shuffling batch norm",
  question: "Does batch norm without shuffling leak which key belongs to a query, so that the pretext task is solved " +
    "and the features get worse?",
  paper: {
    source: "arXiv:1911.05722, appendix, figure A.1: ResNet-50 on ImageNet",
    finding: "Without shuffling the pretext accuracy quickly rises above 99.9 %, while the kNN accuracy on held-out " +
      "images soon drops: the model cheats by the statistics of batch norm.",
    header: ["shuffling BN", "contrast accuracy", "kNN accuracy"],
    rows: [["yes", "lower, still rising", "rises"], ["no", "> 99.9 %", "drops early"]],
  },
  // Smaller groups leak more.
  scales: {
    ...queueScales,
    laptop: adjust(queueScales.laptop, { method: { groups: 16 } }),
    cifar: adjust(queueScales.cifar, { method: { groups: 16 } }),
  },
  axes: [{
    name: "shuffling BN",
    variants: [
      { label: "yes", config: { method: { shuffle: true } } },
      { label: "no", config: { method: { shuffle: false } } },
    ],
  }],
  measures: ["contrast", "knn", "linear"],
  figures: [
    { kind: "curves", title: "Contrast accuracy", over: "epoch", y: "Contrast accuracy (%)", of: ["accuracy"] },
    { kind: "curves", title: "kNN accuracy", over: "epoch", y: "kNN accuracy (%)", of: ["knn"] },
  ],
};
