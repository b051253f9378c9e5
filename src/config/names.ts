/**
 * Readable names of methods and encoders.
 *
 * @module
 */
import type { Variants } from "../core/declare.ts";
import { methods } from "../methods/table.ts";
import { encoders } from "../nn/table.ts";
import type { Config } from "./types.ts";

/** The method: `MoCo v2`. */
export function methodName({ method }: Config): string {
  return titleOf(methods, method);
}

/** The encoder: `ResNet-18 at width 0.25`, `ViT-S/16`. */
export function encoderName({ encoder }: Config): string {
  return titleOf(encoders, encoder);
}

/** The method with its encoder: `MoCo v2, ResNet-18 at width 0.25`. */
export function methodAndEncoder(config: Config): string {
  return `${methodName(config)}, ${encoderName(config)}`;
}

function titleOf(variants: Variants, settings: { readonly name: string }): string {
  // The name picks the title of its own settings.
  return variants[settings.name].title(settings as never);
}
