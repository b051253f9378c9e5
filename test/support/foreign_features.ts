/**
 * Files in other programs' layouts beside the features that their program has of some images:
 * `test/golden/interchange.py` makes them.
 *
 * @module
 */
import { right } from "./either.ts";
import { restore, toTensor } from "../../src/checkpoint/state.ts";
import { buildMethod, viewShape } from "../../src/config/build.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import type { Tensor } from "../../src/engine/mod.ts";
import type { StoredTensor } from "../../src/files/safetensors.ts";
import { readTensorFile } from "../../src/files/tensor_file.ts";
import type { ImportedWeights } from "../../src/run/import_weights.ts";
import { freshState } from "../../src/train/fresh_state.ts";

/** The program's images and features. */
export type Foreign = {
  /** The names of the files. */
  readonly files: readonly string[];
  readonly images: (file: string) => Tensor;
  readonly features: (file: string) => Tensor;
};

/** What lies in a folder that the script made. */
export async function readForeignFeatures(folder: string): Promise<Foreign> {
  const { tensors } = right(await readTensorFile(`${folder}/features.safetensors`)());
  const named = (name: string): StoredTensor => tensors.find((tensor) => tensor.name === name)!;
  return {
    files: tensors.map(({ name }) => name).filter((name) => !name.endsWith(".images")).toSorted(),
    images: (file) => toTensor(named(`${file.includes("resnet") || /v[12]/.test(file) ? "resnet" : "vit"}.images`)),
    features: (file) => toTensor(named(file)),
  };
}

/** The features that an imported encoder has of normalised images. */
export function featuresOf(
  { checkpoint, config }: Pick<ImportedWeights, "checkpoint" | "config">,
  images: Tensor,
): Tensor {
  const method = buildMethod(config, viewShape(config, images.shape[3]!), 1);
  const template = freshState(method, 0);
  const state = right(restore(template, checkpoint));
  dispose(template);
  try {
    return scope(() => method.features(state, images));
  } finally {
    dispose(state);
  }
}

/** The greatest difference, relative to the greatest of the expected numbers. */
export function farthest(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new TypeError(`Cannot compare features: expected [${expected.shape}], found [${actual.shape}]`);
  }
  const [found, wanted] = [Array.from(actual.dataSync()), Array.from(expected.dataSync())];
  const scale = Math.max(...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, index) => Math.abs(value - found[index]))) / scale;
}
