/**
 * Backbones and heads of a configuration.
 *
 * @module
 */
import { batchNormHead, linearHead, mlpHead } from "../nn/heads.ts";
import { identity } from "../nn/identity.ts";
import { resnet18, resnet34, resnet50 } from "../nn/resnet.ts";
import type { Layer } from "../nn/types.ts";
import { vitBase, vitLarge, type VitOptions, vitSmall, vitTiny } from "../nn/vit.ts";
import type { EncoderConfig, HeadConfig } from "./types.ts";

/** Every backbone by name. */
const backbones: Readonly<
  Record<EncoderConfig["name"], (encoder: EncoderConfig & { readonly poolGrid: number }) => Layer>
> = {
  "resnet18": resnet18,
  "resnet34": resnet34,
  "resnet50": resnet50,
  "vit-tiny": (encoder) =>
    vitTiny({ ...vitOptions(encoder), dimension: encoder.channels, depth: encoder.depth, heads: encoder.heads }),
  "vit-small": (encoder) => vitSmall(vitOptions(encoder)),
  "vit-base": (encoder) => vitBase(vitOptions(encoder)),
  "vit-large": (encoder) => vitLarge(vitOptions(encoder)),
};

const heads = { linear: linearHead, mlp: mlpHead } as const;

/**
 * The backbone of a configuration: images [N, height, width, C] to features [N, F].
 *
 * @param encoder The choices.
 * @param poolGrid The cells along each side over which a ResNet averages its last map. Its values do not depend on it.
 */
export function buildBackbone(encoder: EncoderConfig, poolGrid = 1): Layer {
  return backbones[encoder.name]({ ...encoder, poolGrid });
}

/** The projection head of v1 or v2: features [N, F] to [N, D]. */
export function buildHead({ head, dimension }: EncoderConfig): Layer {
  return heads[head](dimension);
}

/** The projector or the predictor of v3: [N, F] to [N, D]. One without layers leaves its input as it is. */
export function buildBatchNormHead(head: HeadConfig, { dimension }: EncoderConfig): Layer {
  return head.layers === 0 ? identity() : batchNormHead({ ...head, dimension });
}

/** A ViT's choices; its dimension is that of a token, and not of what is contrasted. */
function vitOptions({ patch, patchStem: stem, position, pool, recompute }: EncoderConfig): VitOptions {
  return { patch, stem, position, pool, recompute };
}
