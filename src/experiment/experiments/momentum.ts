import { adjust } from "../adjust.ts";
import type { Experiment } from "../types.ts";
import { queueScales } from "./queue_scales.ts";

/** MoCo v1's ablation of the momentum. */
export const momentum: Experiment = {
  title: "Momentum of the key encoder",
  question: "Does a slowly moving key encoder learn better than a fast one, and does training fail without momentum?",
  paper: {
    source: "arXiv:1911.05722, section 4.1, table of the momentum: ResNet-50, K = 4,096, ImageNet",
    finding:
      "A slowly progressing key encoder is core to making use of a queue: accuracy rises up to m = 0.999, and at " +
      "m = 0 the training loss oscillates and fails to converge.",
    header: ["m", "linear accuracy (%)"],
    rows: [["0", "fails"], ["0.9", 55.2], ["0.99", 57.8], ["0.999", 59.0], ["0.9999", 58.9]],
  },
  scales: {
    ...queueScales,
    laptop: adjust(queueScales.laptop, { training: { epochs: 5, evaluateEvery: 0 } }), // fifteen cells
    cifar: adjust(queueScales.cifar, { training: { evaluateEvery: 0 } }),
    paper: adjust(queueScales.paper, { method: { queue: 4096 } }),
  },
  axes: [{
    name: "m",
    variants: [0, 0.9, 0.99, 0.999, 0.9999].map((m) => ({ label: String(m), config: { method: { momentum: m } } })),
  }],
  measures: ["knn", "linear", "contrast"],
  figures: [
    { kind: "line", title: "Accuracy over momentum", axis: "m", measures: ["linear", "knn"] },
    { kind: "curves", title: "Training loss", over: "step", y: "Loss (nats)", of: ["loss"] },
  ],
};
