/**
 * The sizes of encoders as other programs name them, and what they cannot have.
 *
 * @module
 */
import { Either } from "../../core/either.ts";
import { encode, type StoredTensor } from "../../files/safetensors.ts";
import type { Layout, LayoutName } from "../layouts/table.ts";
import { layouts } from "../layouts/table.ts";
import { withTheirAxes } from "../layouts/axes.ts";
import { toLayout } from "../layouts/convert.ts";
import type { EncoderSettings, LeavingEncoder, NotExpressible } from "./types.ts";

/** The settings of a ResNet. */
export type ResNetEncoder = Extract<EncoderSettings, { readonly stem: unknown }>;

/** The settings of a vision transformer. */
export type VitEncoder = Exclude<EncoderSettings, ResNetEncoder>;

/** The stages of each ResNet, and whether its blocks have a bottleneck. */
const resnets: Readonly<
  Record<ResNetEncoder["name"], { readonly depths: readonly number[]; readonly isWide: boolean }>
> = {
  resnet18: { depths: [2, 2, 2, 2], isWide: false },
  resnet34: { depths: [3, 4, 6, 3], isWide: false },
  resnet50: { depths: [3, 4, 6, 3], isWide: true },
};

/** Channels and blocks of each vision transformer of a published size. */
const vits: Readonly<Record<Exclude<VitEncoder["name"], "vit-tiny">, readonly [dimension: number, depth: number]>> = {
  "vit-small": [384, 12],
  "vit-base": [768, 12],
  "vit-large": [1024, 24],
};

/** Whether an encoder is a ResNet. */
export function isResNet(settings: EncoderSettings): settings is ResNetEncoder {
  return "stem" in settings;
}

/** The sizes of a ResNet. */
export function resnetSizes({ name, width }: ResNetEncoder) {
  const { depths, isWide } = resnets[name];
  const channels = Math.round(64 * width);
  const outputs = [1, 2, 4, 8].map((times) => times * channels * (isWide ? 4 : 1));
  return { depths, isWide, channels, outputs, features: outputs[3] };
}

/** The sizes of a vision transformer. */
export function vitSizes(settings: VitEncoder) {
  const [dimension, depth] = settings.name === "vit-tiny" ? [settings.channels, settings.depth] : vits[settings.name];
  return { dimension, depth, heads: settings.heads, patch: settings.patch };
}

/** The features that an encoder gives: of a ResNet, those of each cell that its last map is averaged over. */
export function featuresOf(settings: EncoderSettings): number {
  if (!isResNet(settings)) return vitSizes(settings).dimension;
  return resnetSizes(settings).features * settings.evaluationGrid ** 2;
}

/**
 * A ResNet with the published stem and with the mean of its whole last map, and with the published width if a program
 * has no other.
 */
export function publishedResNet(
  settings: ResNetEncoder,
  { anyWidth = false, anyGrid = false } = {},
): Either<NotExpressible, ResNetEncoder> {
  const { stem, width, evaluationGrid } = settings;
  if (evaluationGrid !== 1 && !anyGrid) {
    return Either.left({ expected: "a ResNet with encoder.evaluationGrid 1", found: `${evaluationGrid}` });
  }
  if (stem !== "imagenet") {
    return Either.left({ expected: 'a ResNet with encoder.stem "imagenet"', found: `"${stem}"` });
  }
  if (width !== 1 && !anyWidth) return Either.left({ expected: "a ResNet with encoder.width 1", found: `${width}` });
  return Either.right(settings);
}

/** A vision transformer with a projection of patches, and with a class token and positions if a program needs them. */
export function plainVit(settings: VitEncoder, { anyPool = false } = {}): Either<NotExpressible, VitEncoder> {
  const { patchStem, pool, position } = settings;
  if (patchStem === "conv") {
    return Either.left({ expected: "a ViT with a linear projection of patches", found: 'encoder.patchStem "conv"' });
  }
  if (anyPool) return Either.right(settings);
  if (pool !== "class") return Either.left({ expected: 'a ViT with encoder.pool "class"', found: `"${pool}"` });
  if (position === "none") return Either.left({ expected: "a ViT with positions", found: 'encoder.position "none"' });
  return Either.right(settings);
}

/** The backbone's tensors as a program lays them out. */
export function laidOut(name: LayoutName, { settings, tensors }: LeavingEncoder): StoredTensor[] {
  const family = isResNet(settings) ? "resnet" : "vit";
  return toLayout(layouts.find((layout: Layout) => layout.name === name && layout.family === family)!, tensors);
}

/** A classifier's tensors as PyTorch lays out a linear layer of a name; none if there is no classifier. */
export function classifierTensors({ classifier }: LeavingEncoder, name: string): StoredTensor[] {
  if (classifier === undefined) return [];
  const { weight, bias } = classifier;
  return [{ ...withTheirAxes(weight), name: `${name}.weight` }, { ...bias, name: `${name}.bias` }];
}

/** The names of the classes by their index, and the other way round, as Hugging Face's configurations have them. */
export function classNames({ classifier }: LeavingEncoder) {
  if (classifier === undefined) return {};
  const { classes } = classifier;
  return {
    id2label: Object.fromEntries(classes.map((name, index) => [index, name])),
    label2id: Object.fromEntries(classes.map((name, index) => [name, index])),
  };
}

/** The counts that PyTorch keeps beside the statistics of each batch norm. */
export function withCounts(tensors: readonly StoredTensor[]): StoredTensor[] {
  const count = (name: string): StoredTensor => ({ name, dtype: "I64", shape: [], data: new Uint8Array(8) });
  return tensors.flatMap((tensor) =>
    tensor.name.endsWith("running_var")
      ? [tensor, count(tensor.name.replace(/running_var$/, "num_batches_tracked"))]
      : [tensor]
  );
}

/** A safetensors file that PyTorch's programs take. */
export function weightsFile(path: string, tensors: readonly StoredTensor[]) {
  return { path, bytes: encode(tensors, { format: "pt" }) };
}

/** A file of JSON. */
export function jsonFile(path: string, value: unknown) {
  return textFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** A file of text. */
export function textFile(path: string, text: string) {
  return { path, bytes: new TextEncoder().encode(text) };
}
