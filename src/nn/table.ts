import { resnet18, resnet34, resnet50 } from "./resnet_settings.ts";
import { vitBase, vitLarge, vitSmall, vitTiny } from "./vit_settings.ts";

/** Every backbone by name. A new one needs its own files and a line here. */
export const encoders = {
  "resnet18": resnet18,
  "resnet34": resnet34,
  "resnet50": resnet50,
  "vit-tiny": vitTiny,
  "vit-small": vitSmall,
  "vit-base": vitBase,
  "vit-large": vitLarge,
} as const;
