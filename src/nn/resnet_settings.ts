import type { Rule, Values } from "../core/declare.ts";
import type { BuildEncoder } from "./build_encoder.ts";

const fields = {
  width: {
    is: "number",
    above: 0,
    max: 8,
    default: 0.25,
    about: "multiplier of every layer's channels; 1 as published",
    flag: "width",
  },
  stem: {
    is: "choice",
    of: ["small", "imagenet"],
    default: "small",
    about: "first layers: 3x3 for small images, or 7x7 with max-pooling",
    flag: "stem",
  },
  stemStride: { is: "choice", of: [1, 2], default: 1, about: "stride of the small stem; 2 quarters the cost" },
  zeroInitResidual: {
    is: "boolean",
    default: false,
    about: "residual blocks that start as the identity, as in v3",
    flag: "zero-init-residual",
  },
  evaluationGrid: {
    is: "integer",
    min: 1,
    default: 1,
    about: "cells along each side of the last map whose means are evaluation's features; 1 for the global mean",
    flag: "evaluation-grid",
  },
} as const;

/** The settings of a ResNet in a configuration. */
export type ResNetSettings = Values<typeof fields>;

type WithResNet = {
  readonly encoder: ResNetSettings;
  readonly augment: { readonly size: number; readonly evaluationSize?: number };
};

/** The smallest view for each stem: in a smaller one, a map would be a single pixel before the last stage. */
const leastSize = { small: 8, imagenet: 32 } as const;

const viewsFitStem: Rule<WithResNet> = {
  reads: ["augment.size", "encoder.stem"],
  check: ({ augment: { size }, encoder: { stem } }) =>
    size >= leastSize[stem]
      ? undefined
      : { expected: `at least ${leastSize[stem]} pixels with the stem "${stem}"`, found: String(size) },
};

const gridFitsMap: Rule<WithResNet> = {
  reads: ["encoder.evaluationGrid", "encoder.stem", "encoder.stemStride", "augment.size", "augment.evaluationSize"],
  check: ({ encoder: { evaluationGrid, stem, stemStride }, augment: { size, evaluationSize = size } }) => {
    const map = Math.ceil(evaluationSize / (8 * (stem === "small" ? stemStride : 4)));
    return evaluationGrid <= map ? undefined : {
      expected: `at most ${map}, the height and width of the last map of images of ${evaluationSize} pixels`,
      found: String(evaluationGrid),
    };
  },
};

/** Warnings about settings that are rarely intended with an encoder that has batch norm. */
function normWarnings(
  { method: { groups = 1 }, training: { batch } }: {
    readonly method: { readonly groups?: number };
    readonly training: { readonly batch: number };
  },
): readonly string[] {
  if (groups < batch) return [];
  return [
    `method.groups (${groups}) leaves one image to each batch-norm group: where the map has become one pixel, every ` +
    "image turns into the same features. Lower --groups, or raise --batch.",
  ];
}

const common = { fields, rules: [viewsFitStem, gridFitsMap], warnings: normWarnings } as const;

const titled = (name: string, { width }: ResNetSettings): string => width === 1 ? name : `${name} at width ${width}`;

/** ResNet-18. */
export const resnet18 = {
  ...common,
  about: "18 layers",
  title: (settings: ResNetSettings): string => titled("ResNet-18", settings),
  load: async (): Promise<BuildEncoder<ResNetSettings>> => {
    const { resnet18 } = await import("./resnet.ts");
    return (settings, poolGrid) => resnet18({ ...settings, poolGrid });
  },
} as const;

/** ResNet-34. */
export const resnet34 = {
  ...common,
  about: "34 layers",
  title: (settings: ResNetSettings): string => titled("ResNet-34", settings),
  load: async (): Promise<BuildEncoder<ResNetSettings>> => {
    const { resnet34 } = await import("./resnet.ts");
    return (settings, poolGrid) => resnet34({ ...settings, poolGrid });
  },
} as const;

/** ResNet-50. */
export const resnet50 = {
  ...common,
  about: "50 layers with bottlenecks",
  title: (settings: ResNetSettings): string => titled("ResNet-50", settings),
  load: async (): Promise<BuildEncoder<ResNetSettings>> => {
    const { resnet50 } = await import("./resnet.ts");
    return (settings, poolGrid) => resnet50({ ...settings, poolGrid });
  },
} as const;
