import type { Rule, Values } from "../core/declare.ts";
import { groups, groupsDivideBatch } from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const fields = {
  labelShare: {
    is: "number",
    above: 0,
    max: 1,
    default: 1,
    about: "share of each class's labelled images to learn from, drawn by the seed; at least one image of each class",
    flag: "labels-share",
  },
  mixup: {
    is: "number",
    min: 0,
    default: 0,
    about: "alpha of mixup's Beta distribution; 0 for no mixup",
    flag: "mixup",
  },
  labelSmoothing: {
    is: "number",
    min: 0,
    below: 1,
    default: 0,
    about: "share of each target that is spread over all classes",
    flag: "label-smoothing",
  },
  layerDecay: {
    is: "number",
    above: 0,
    max: 1,
    default: 1,
    about: "factor of the learning rate from each block of a vision transformer to the one before",
    flag: "layer-decay",
  },
  groups: { ...groups, default: 1 },
  classes: { is: "integer", min: 2, max: 65_536, about: "number of classes; where absent, that of the labels" },
} as const;

/** The settings of learning from labels in a configuration. */
export type SupervisedSettings = Values<typeof fields>;

const decayNeedsBlocks: Rule<
  { readonly method: SupervisedSettings; readonly encoder: { readonly name: string; readonly patch?: number } }
> = {
  reads: ["method.layerDecay", "encoder.name"],
  check: ({ method: { layerDecay }, encoder: { name, patch } }) =>
    layerDecay === 1 || patch !== undefined ? undefined : {
      expected: `1 with encoder.name "${name}", which has no blocks of a vision transformer`,
      found: `${layerDecay}`,
    },
};

/**
 * With fewer images, counted in every epoch, a fine-tuning ends early: with 500 labels of CIFAR-10, 60 epochs reached 47 %
 * and 300 epochs 58 % (docs/results.md). SimCLR's fewest are 770,000.
 */
const FEWEST_SEEN = 100_000;

/** Learning from labels. */
export const supervised = {
  about: "classification by labels: what finetune trains, from an encoder or from random weights",
  title: (): string => "Supervised",
  /** Its images need labels. */
  learnsFromLabels: true,
  fields,
  rules: [groupsDivideBatch, decayNeedsBlocks],
  warnings: (
    { training: { epochs } }: { readonly training: { readonly epochs: number } },
    images: number = Infinity,
  ): readonly string[] =>
    epochs * images >= FEWEST_SEEN ? [] : [
      `training.epochs (${epochs}) pass over ${images} images: ${
        epochs * images
      } in all. That is little to learn from ` +
      `labels in: see whether more epochs help, such as ${Math.ceil(2 * FEWEST_SEEN / images)}.`,
    ],
  defaults: [{ set: { augment: { recipe: "supervised" } } }],
  load: async (): Promise<BuildMethod<SupervisedSettings>> => {
    const { createSupervised } = await import("./supervised.ts");
    const { virtualDevices } = await import("../core/devices.ts");
    const { layerDecay } = await import("../optim/layer_decay.ts");
    return (settings, { backbone, input, optimizer, devices = virtualDevices }) => {
      const { classes, mixup, labelSmoothing, layerDecay: decay, groups } = settings;
      if (classes === undefined) {
        throw new RangeError("Cannot build a classifier: expected the number of classes, found none");
      }
      return createSupervised({
        ...{ backbone, classes, input, mixup, labelSmoothing, devices: devices(groups) },
        optimizer: decay === 1 ? optimizer : layerDecay(optimizer, decay),
      });
    };
  },
} as const;
