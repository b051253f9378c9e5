/**
 * What the tensors of a file say of the encoder that they belong to, as fields of a configuration.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { Shape } from "../nn/types.ts";
import type { LayoutName } from "./layouts/table.ts";

/** Fields of a configuration, by section. */
export type Described = {
  readonly [section in "encoder" | "augment" | "method"]: { readonly [field: string]: unknown };
};

/** What cannot be built here. */
export type Misfit = { readonly expected: string; readonly found: string };

/** Shapes by our names, with our axes. */
type Shapes = ReadonlyMap<string, Shape>;

/** The ResNets by their kind of block and the depths of their stages. */
const resnets: Readonly<Record<string, string>> = {
  "basic 2,2,2,2": "resnet18",
  "basic 3,4,6,3": "resnet34",
  "bottleneck 3,4,6,3": "resnet50",
};

/** The vision transformers by channels and blocks. */
const vits: Readonly<Record<string, string>> = {
  "384 12": "vit-small",
  "768 12": "vit-base",
  "1024 24": "vit-large",
};

/** Heads of published vision transformers whose heads have other than 64 channels, by all channels: ViT-Huge. */
const published: Readonly<Record<number, number>> = { 1280: 16 };

/** How the programs' own evaluation cuts and normalises images, if not with ImageNet's numbers. */
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/**
 * The configuration of a file's encoder, of its method if the file holds one, and of the images on which its program
 * evaluates it.
 *
 * @param name Whose layout it is.
 * @param family Which kind of encoder.
 * @param shapes The shapes of the file's tensors, with our names and axes.
 */
export function describe(
  name: LayoutName,
  family: "resnet" | "vit",
  shapes: Shapes,
): Either<Misfit, Described> {
  const described = family === "resnet" ? describeResNet(shapes) : describeVit(name, shapes);
  return Either.map((fields: Omit<Described, "method">): Described => ({ ...fields, method: methodOf(name, shapes) }))(
    described,
  );
}

function describeResNet(shapes: Shapes): Either<Misfit, Omit<Described, "method">> {
  const first = shapes.get("query.backbone.conv1.weight");
  if (first?.length !== 4) return Either.left({ expected: "a first convolution, conv1", found: "none" });
  const kind = shapes.has("query.backbone.layer1.0.conv3.weight") ? "bottleneck" : "basic";
  const depths = [1, 2, 3, 4].map((stage) => count(shapes, (b) => `query.backbone.layer${stage}.${b}.conv1.weight`));
  const encoder = resnets[`${kind} ${depths}`];
  if (encoder === undefined) {
    return Either.left({ expected: "a ResNet-18, -34 or -50", found: `stages of ${depths.join(", ")} ${kind} blocks` });
  }
  const stem = first[0] === 7 ? "imagenet" : "small";
  return Either.right({
    encoder: { name: encoder, width: first[3] / 64, stem },
    augment: stem === "imagenet" ? { size: 224, evaluationCrop: 0.875 } : { size: 32 },
  });
}

function describeVit(name: LayoutName, shapes: Shapes): Either<Misfit, Omit<Described, "method">> {
  const shape = (ours: string) => shapes.get(`query.backbone.${ours}`);
  const blocks = count(shapes, (b) => `query.backbone.blocks.${b}.norm1.weight`);
  const [dimension] = shape("blocks.0.norm1.weight") ?? [];
  const projection = shape("patch_embed.proj.weight");
  const halvings = count(shapes, (n) => `query.backbone.patch_embed.proj.${3 * n}.weight`) - 1; // the last is 1 x 1
  if (dimension === undefined || (projection?.length !== 4 && halvings < 1)) {
    return Either.left({ expected: "a patch projection, patch_embed.proj", found: "none" });
  }
  const isConv = projection === undefined;
  const patch = isConv ? 2 ** halvings : projection[0];
  const depth = isConv ? blocks + 1 : blocks;
  const encoder = vits[`${dimension} ${depth}`];
  const [, tokens] = shape("pos_embed") ?? [];
  const hasClass = shape("cls_token") !== undefined;
  const grid = tokens === undefined ? 224 / patch : Math.sqrt(tokens - (hasClass ? 1 : 0));
  const isMocoV3 = name === "moco-v3";
  const heads = isMocoV3 && (encoder === "vit-small" || encoder === "vit-base")
    ? 12
    : published[dimension] ?? dimension / 64;
  return Either.right({
    encoder: {
      ...encoder === undefined ? { name: "vit-tiny", channels: dimension, depth } : { name: encoder },
      ...Number.isInteger(heads) ? { heads } : {},
      patch,
      patchStem: isConv ? "conv" : isMocoV3 ? "frozen" : "learned",
      position: tokens === undefined ? "none" : isMocoV3 ? "sin-cos" : "learned",
      pool: hasClass ? "class" : "mean",
    },
    augment: { size: grid * patch, ...evaluationOf(name, (projection ?? shape("patch_embed.proj.0.weight"))?.[2]) },
  });
}

function evaluationOf(name: LayoutName, channels: number | undefined): Described["augment"] {
  const normalised = channels === 3 ? half : {};
  if (name === "timm") return { evaluationCrop: 0.9, ...normalised };
  if (name === "huggingface") return normalised;
  return { evaluationCrop: 0.875 };
}

/** The settings of the method that a file's heads and queue belong to. */
function methodOf(name: LayoutName, shapes: Shapes): Described["method"] {
  if (name === "moco") return mocoOf(shapes);
  if (name === "moco-v3") return mocoV3Of(shapes);
  return {};
}

function mocoOf(shapes: Shapes): Described["method"] {
  const [queue, dimension] = shapes.get("queue.keys") ?? [];
  const head = shapes.has("query.head.weight") ? "linear" : "mlp";
  return {
    name: "moco",
    head,
    temperature: head === "linear" ? 0.07 : 0.2,
    momentum: 0.999,
    ...queue === undefined ? {} : { queue, dimension },
  };
}

function mocoV3Of(shapes: Shapes): Described["method"] {
  const [projector, predictor] = ["query.projector", "predictor"].map((path) => headOf(path, shapes));
  return {
    name: "moco-v3",
    ...projector === undefined ? {} : { projector: projector.settings, dimension: projector.dimension },
    ...predictor === undefined ? {} : { predictor: predictor.settings },
  };
}

/** The sizes of a head of MoCo v3. */
function headOf(path: string, shapes: Shapes) {
  const linear = [0, 3, 6, 9].map((place) => shapes.get(`${path}.${place}.weight`))
    .filter((shape) => shape?.length === 2) as Shape[];
  if (linear.length === 0) return undefined;
  const lastNorm = shapes.has(`${path}.${3 * linear.length - 2}.running_mean`);
  return {
    dimension: linear[linear.length - 1][1],
    settings: { layers: linear.length, hidden: linear[0][1], lastNorm },
  };
}

/** How many names there are from number 0 on. */
function count(shapes: Shapes, name: (number: number) => string): number {
  let found = 0;
  while (shapes.has(name(found))) found++;
  return found;
}
