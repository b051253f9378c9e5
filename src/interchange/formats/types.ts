/**
 * What every format is made of, and what it gives.
 *
 * @module
 */
import type { Either } from "../../core/either.ts";
import type { Tagged } from "../../core/declare.ts";
import type { NewFile } from "../../files/folder.ts";
import type { StoredTensor } from "../../files/safetensors.ts";
import type { encoders } from "../../nn/table.ts";

/** The settings of an encoder. */
export type EncoderSettings = Tagged<typeof encoders>;

/** The images that an encoder sees. */
export type ImageSettings = {
  /** Height and width, pixels. */
  readonly size: number;
  /** 1, grey, or 3. */
  readonly channels: number;
  /** The mean of each channel, of pixels in [0, 1]. */
  readonly mean: readonly number[];
  /** The standard deviation of each channel. */
  readonly std: readonly number[];
  /** The share of each side that evaluation sees. */
  readonly crop: number;
};

/** The linear layer that makes logits of features. */
export type LeavingClassifier = {
  /** float32 [features, classes], named `classifier.weight`. */
  readonly weight: StoredTensor;
  /** float32 [classes], named `classifier.bias`. */
  readonly bias: StoredTensor;
  /** The names of the classes. */
  readonly classes: readonly string[];
};

/** An encoder that leaves, with a classifier or without. */
export type LeavingEncoder = {
  readonly settings: EncoderSettings;
  readonly images: ImageSettings;
  /** The backbone's tensors, float32, with our names (`query.backbone.conv1.weight`) and axes. */
  readonly tensors: readonly StoredTensor[];
  readonly classifier?: LeavingClassifier;
};

/** Why a format cannot hold an encoder. */
export type NotExpressible = { readonly expected: string; readonly found: string };

/** What is written: files, and how the encoder is loaded from them, as lines of the program that loads it. */
export type Export = {
  readonly files: readonly NewFile[];
  /** In `language`, with `DIR` for the folder. */
  readonly usage: string;
  readonly language: "python" | "ts";
  /** The same in Python where `language` is another one, from an image file on. */
  readonly python?: string;
};

/** The options of a format. */
export type FormatOptions = {
  /** Whether a model takes images as they are stored, and cuts, resizes and normalises them itself; onnx only. */
  readonly preprocessing: boolean;
};

/** A format: turns an encoder into files. */
export type Format = (encoder: LeavingEncoder, options: FormatOptions) => Either<NotExpressible, Export>;
