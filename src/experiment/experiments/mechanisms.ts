import { adjust } from "../adjust.ts";
import type { Experiment, Scale } from "../types.ts";
import { queueScales } from "./queue_scales.ts";

/** K, the scales at which it is end-to-end's batch, and those at which it is the number of keys in bank and queue. */
const sizes: readonly (readonly [number, batch: readonly Scale[], keys: readonly Scale[]])[] = [
  [16, ["smoke"], []],
  [32, ["smoke"], []],
  [64, ["smoke", "laptop", "cifar"], ["smoke", "cifar"]],
  [128, ["laptop"], ["smoke"]],
  [256, ["laptop", "cifar", "paper"], ["laptop", "cifar", "paper"]],
  [512, ["paper"], ["paper"]],
  [1024, ["cifar", "paper"], ["laptop", "cifar", "paper"]],
  [4096, ["cifar"], ["laptop", "cifar", "paper"]], // 3.7 GB for a step of end-to-end; at 16,384 it would be 16.6 GB
  [16384, [], ["cifar", "paper"]],
  [65536, [], ["paper"]],
];

/** MoCo v1's comparison of the three mechanisms. */
export const mechanisms: Experiment = {
  title: "End-to-end, memory bank and MoCo over K",
  question: "Do more keys make better features, and does MoCo go on where end-to-end stops with its batch?",
  paper: {
    source: "arXiv:1911.05722, section 4.1, figure 3: ResNet-50 on ImageNet, K from 256 to 65,536",
    finding:
      "All three improve with K. End-to-end is close to MoCo at equal K, but its K is its batch, at most 1,024 on " +
      "8 GPUs. At K = 65,536 the memory bank is 2.6 points behind MoCo.",
    header: ["mechanism", "linear accuracy at K = 65,536 (%)"],
    rows: [["end-to-end", "out of reach"], ["memory bank", 58.0], ["MoCo", 60.6]],
  },
  // The learning rate follows the batch, which is K for end-to-end; at the others' batch it is the preset's own.
  scales: {
    smoke: adjust(queueScales.smoke, { optimizer: { learningRate: 0.48, scaleByBatch: true } }),
    laptop: {
      ...adjust(queueScales.laptop, {
        optimizer: { learningRate: 0.1, scaleByBatch: true },
        training: { epochs: 6, evaluateEvery: 0 },
      }),
      seeds: 1, // nine cells
    },
    // The smallest queue holds one batch. The preset's m is one for batches of 512; eight times as many steps ask for
    // its eighth root, which is the paper's 0.999.
    cifar: adjust(queueScales.cifar, {
      method: { momentum: 0.999 },
      optimizer: { learningRate: 0.12, scaleByBatch: true },
      training: { batch: 64, evaluateEvery: 0 },
    }),
    paper: adjust(queueScales.paper, { optimizer: { scaleByBatch: true } }),
  },
  axes: [
    {
      name: "mechanism",
      variants: [
        { label: "end-to-end", config: { method: { name: "end-to-end" } } },
        { label: "memory bank", config: { method: { name: "memory-bank", momentum: 0.5 } } },
        { label: "MoCo" },
      ],
    },
    {
      name: "K",
      variants: sizes.flatMap(([size, batch, keys]) => {
        const label = size.toLocaleString("en-US");
        return [
          { label, with: { mechanism: ["end-to-end"] }, at: batch, config: { training: { batch: size } } },
          { label, with: { mechanism: ["memory bank"] }, at: keys, config: { method: { negatives: size } } },
          { label, with: { mechanism: ["MoCo"] }, at: keys, config: { method: { queue: size } } },
        ];
      }),
    },
  ],
  measures: ["linear", "knn", "contrast", "batch", "secondsPerStep"],
  figures: [
    { kind: "line", title: "Linear accuracy over K", axis: "K", measures: ["linear"] },
    { kind: "line", title: "kNN accuracy over K", axis: "K", measures: ["knn"] },
  ],
};
