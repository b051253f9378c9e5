/**
 * Small encoders of every kind that leave for other programs.
 *
 * @module
 */
import { tensorsOf, toTensor } from "../../src/checkpoint/state.ts";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import { buildBackbone } from "../../src/config/build_encoder.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { Config, PartialConfig } from "../../src/config/types.ts";
import { key, normal, uniform } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { map, type Tree } from "../../src/core/tree.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { featuresOf } from "../../src/interchange/formats/shapes.ts";
import { linear } from "../../src/nn/dense.ts";
import type { LeavingEncoder } from "../../src/interchange/formats/types.ts";
import { plainName } from "../../src/interchange/into_state.ts";
import { featuresOf as featuresIn } from "../../src/methods/encode.ts";
import type { MethodState } from "../../src/methods/types.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { right } from "./either.ts";

/** Encoders of every kind, small. */
export const encoders: Readonly<Record<string, PartialConfig>> = {
  "a ResNet with the small stem": { encoder: { name: "resnet18", width: 1 / 16, stem: "small", stemStride: 2 } },
  "a ResNet whose last map is averaged over a grid": {
    encoder: { name: "resnet18", width: 1 / 16, stem: "small", evaluationGrid: 3 }, // of 4 x 4 pixels: cells overlap
  },
  "a ResNet with bottlenecks": { encoder: { name: "resnet50", width: 1 / 16, stem: "imagenet" } },
  "a ViT with a class token": { encoder: { name: "vit-tiny", channels: 24, depth: 2, patch: 8 } },
  "a ViT with a mean": {
    encoder: {
      name: "vit-tiny",
      channels: 24,
      depth: 2,
      patch: 8,
      pool: "mean",
      position: "none",
      patchStem: "learned",
    },
  },
  "a ViT with a convolutional stem": {
    encoder: { name: "vit-tiny", channels: 24, depth: 3, patch: 4, patchStem: "conv", position: "learned" },
  },
};

/**
 * An encoder whose values are none that a fresh one has: batch norm's statistics, and all that begins as zeros or ones.
 */
export function made(
  fields: PartialConfig,
): {
  readonly config: Config;
  readonly state: MethodState;
  readonly encoder: LeavingEncoder;
  /** What the encoder gives for normalised images. */
  readonly features: (images: Tensor) => Tensor;
} {
  const augment = { size: 32, evaluationCrop: 0.8, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] };
  const config = right(parseConfig({ ...fields, augment }, { data: false }));
  const method = buildMethod(config, viewShape(config, 3), 1);
  const fresh = freshState(method, 0);
  const query = scope(() =>
    map((leaf, path) => {
      const isFlat = leaf.rank === 1 || path.endsWith("cls_token");
      return isFlat ? tf.add(leaf, uniform(key(path.length), leaf.shape, 0, 0.3)) : tf.clone(leaf);
    }, fresh.query)
  );
  const tensors = tensorsOf({ query }).map(({ read, ...info }) => ({
    ...info,
    name: plainName(info.name),
    data: read(),
  }));
  const { mean, std, evaluationCrop: crop } = augment;
  const images = { size: 32, channels: 3, mean, std, crop };
  const { step: _step, random: _random, ...others } = fresh as Readonly<Record<string, Tree>>;
  dispose(others);
  const state = { step: fresh.step, random: fresh.random, query };
  const features = featuresIn(buildBackbone(config.encoder, gridOf(config)));
  return {
    config,
    state,
    features: (images) => features(state, images),
    encoder: {
      settings: config.encoder,
      images,
      tensors: tensors.filter(({ name }) => name.startsWith("query.backbone.")),
    },
  };
}

function gridOf({ encoder }: Config): number {
  return "evaluationGrid" in encoder ? encoder.evaluationGrid : 1;
}

/** A classifier of three classes after an encoder, and the logits that it makes of features [N, F]. */
export function classifying(
  encoder: LeavingEncoder,
): { readonly encoder: LeavingEncoder; readonly logits: (features: Tensor) => Tensor } {
  const width = featuresOf(encoder.settings);
  const values = scope(() => ({ weight: normal(key(7), [width, 3]), bias: normal(key(8), [3]) }));
  const [weight, bias] = tensorsOf(values).map(({ read, ...info }) => ({
    ...info,
    name: `classifier.${info.name}`,
    data: read(),
  }));
  return {
    encoder: { ...encoder, classifier: { weight, bias, classes: ["cat", "dog", "fox"] } },
    logits: (features) => linear(features, toTensor(weight), toTensor(bias)),
  };
}

/** The greatest difference, relative to the greatest number. */
export function farthest(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) {
    throw new TypeError(`Cannot compare: expected ${wanted.length} numbers, found ${found.length}`);
  }
  const scale = Math.max(...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(wanted, (value, index) => Math.abs(value - found[index]))) / scale;
}
