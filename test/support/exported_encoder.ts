/**
 * An encoder of another program's file, exported for transformers.js alone and with a classifier, beside the features
 * and the probabilities that we have of an image.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { restore } from "../../src/checkpoint/state.ts";
import { buildFeatures, buildMethod, viewShape } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/config.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { fromBytes } from "../../src/engine/mod.ts";
import { exportWeights } from "../../src/run/export.ts";
import { importWeights } from "../../src/run/import_weights.ts";
import { keptEvaluation, writeEvaluation } from "../../src/run/kept_evaluation.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { right } from "./either.ts";

const fixtures = fileURLToPath(new URL("../fixtures/interchange", import.meta.url));

/** The files that are exported. */
export const exported: readonly string[] = ["torchvision_resnet18.pth", "timm_vit.safetensors"];

/**
 * Folders `encoder` and `classifier` in `folder`, an RGB image of the encoder's size, our features of it, and the
 * probability of each class.
 */
export type ExportedEncoder = {
  readonly folder: string;
  readonly bytes: Uint8ClampedArray;
  readonly size: number;
  readonly ours: readonly number[];
  readonly probabilities: Readonly<Record<string, number>>;
};

const classes = ["cat", "dog", "fox"] as const;

/** A linear layer of three classes, as an evaluation keeps it. */
function headOf(features: number) {
  const weight = Float32Array.from({ length: 3 * features }, (_, place) => Math.sin(place));
  return { weight, bias: Float32Array.of(0.5, 0, -0.5) };
}

/** The softmax of what a linear layer makes of features. */
function probabilitiesOf(features: readonly number[], { weight, bias }: ReturnType<typeof headOf>) {
  const exponents = classes.map((_, c) =>
    Math.exp(features.reduce((logit, feature, d) => logit + feature * weight[3 * d + c], bias[c]))
  );
  const sum = exponents.reduce((a, b) => a + b);
  return Object.fromEntries(classes.map((name, c) => [name, exponents[c] / sum]));
}

/** Exports one of {@linkcode exported} into a folder that is there while `f` runs. */
export async function withExported(file: string, f: (encoder: ExportedEncoder) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const run = `${folder}/run`;
    const to = `${run}/checkpoints/step-00000000.safetensors`;
    await Deno.mkdir(`${run}/checkpoints`, { recursive: true });
    // Without a crop, images of the encoder's size pass as they are.
    const augment = { evaluationCrop: 1, ...file.startsWith("timm") ? {} : { size: 32 } };
    right(await importWeights({ file: `${fixtures}/${file}`, to, augment })());
    right(await exportWeights({ run, format: "transformers.js", out: `${folder}/encoder` })());
    const checkpoint = right(await loadCheckpoint(to)());
    const config = right(parseConfig(checkpoint.config, { data: false }));
    const { size } = config.augment;
    const template = freshState(buildMethod(config, viewShape(config, 3), 1), 0);
    const state = right(restore(template, checkpoint));
    const bytes = Uint8ClampedArray.from({ length: size * size * 3 }, (_, place) => (place * 37) % 256);
    const ours = scope(() =>
      Array.from(buildFeatures(config)(state, fromBytes(new Uint8Array(bytes), [1, size, size, 3])).dataSync())
    );
    dispose({ template, state });
    const head = headOf(ours.length);
    right(await writeEvaluation(run, keptEvaluation({ step: 0, config, scores: {}, classes, head }))());
    right(await exportWeights({ run, format: "transformers.js", out: `${folder}/classifier`, linear: true })());
    await f({ folder, bytes, size, ours, probabilities: probabilitiesOf(ours, head) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
