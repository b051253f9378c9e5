/**
 * Methods and encoders as a person says them.
 *
 * @module
 */
import type { Config, EncoderConfig, MethodConfig } from "./types.ts";

const methods: Readonly<Record<MethodConfig["name"], (config: Config) => string>> = {
  // v2 is v1 with the MLP head.
  "moco": ({ encoder }) => encoder.head === "mlp" ? "MoCo v2" : "MoCo v1",
  "moco-v3": () => "MoCo v3",
  "end-to-end": () => "End-to-end",
  "simclr": () => "SimCLR",
  "memory-bank": () => "Memory bank",
};

const encoders: Readonly<Record<EncoderConfig["name"], string>> = {
  "resnet18": "ResNet-18",
  "resnet34": "ResNet-34",
  "resnet50": "ResNet-50",
  "vit-tiny": "ViT-tiny",
  "vit-small": "ViT-S",
  "vit-base": "ViT-B",
  "vit-large": "ViT-L",
};

/** The method: `MoCo v2`. */
export function methodName(config: Config): string {
  return methods[config.method.name](config);
}

/** The encoder: `ResNet-18 at width 0.25`, `ViT-S/16`. */
export function encoderName({ encoder: { name, width, patch } }: Config): string {
  const encoder = encoders[name];
  if (name.startsWith("vit")) return `${encoder}/${patch}`;
  return width === 1 ? encoder : `${encoder} at width ${width}`;
}

/** The method with its encoder: `MoCo v2, ResNet-18 at width 0.25`. */
export function methodAndEncoder(config: Config): string {
  return `${methodName(config)}, ${encoderName(config)}`;
}
