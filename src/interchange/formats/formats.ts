/**
 * Every format that an encoder can leave in.
 *
 * @module
 */
import { detectron2 } from "./detectron2.ts";
import { huggingface } from "./huggingface.ts";
import { timm } from "./timm.ts";
import { torchvision } from "./torchvision.ts";
import type { Format } from "./types.ts";

/** The formats by name, each with what it is for, in a line. */
export const formats: Readonly<Record<string, { readonly about: string; readonly format: Format }>> = {
  torchvision: { about: "safetensors that torchvision's models take", format: torchvision },
  timm: { about: "a folder that timm.create_model loads", format: timm },
  huggingface: { about: "a folder that transformers' AutoModel loads", format: huggingface },
  detectron2: { about: "a backbone for Detectron2, with its configuration", format: detectron2 },
};
