/**
 * Every format that an encoder can leave in.
 *
 * @module
 */
import { detectron2 } from "./detectron2.ts";
import { huggingface } from "./huggingface.ts";
import { onnx } from "./onnx.ts";
import { tfjs } from "./tfjs.ts";
import { timm } from "./timm.ts";
import { torchvision } from "./torchvision.ts";
import { transformersJs } from "./transformers_js.ts";
import type { Format } from "./types.ts";

/** A format, and what it is for. */
type About = {
  /** What it is for, in a line. */
  readonly about: string;
  /** Whether it holds the encoder alone, so that a classifier is left out. */
  readonly encoderAlone?: true;
  /** Whether it can hold what images go through before the encoder. */
  readonly holdsPreprocessing?: true;
  readonly format: Format;
};

/** The formats by name. */
export const formats: Readonly<Record<string, About>> = {
  torchvision: { about: "safetensors that torchvision's models take", format: torchvision },
  timm: { about: "a folder that timm.create_model loads", format: timm },
  huggingface: {
    about: "a folder that transformers' AutoModel loads, or AutoModelForImageClassification",
    format: huggingface,
  },
  detectron2: {
    about: "a backbone for Detectron2, with its configuration, without a classifier",
    encoderAlone: true,
    format: detectron2,
  },
  onnx: { about: "a model that onnxruntime runs, of any encoder", holdsPreprocessing: true, format: onnx },
  "transformers.js": {
    about: "a folder for @huggingface/transformers in TypeScript and the browser",
    format: transformersJs,
  },
  tfjs: { about: "a graph model for TensorFlow.js, of any encoder", format: tfjs },
};
