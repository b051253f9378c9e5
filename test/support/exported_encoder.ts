/**
 * An encoder of another program's file, exported for transformers.js, beside the features that we have of an image.
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
import { freshState } from "../../src/train/fresh_state.ts";
import { right } from "./either.ts";

const fixtures = fileURLToPath(new URL("../fixtures/interchange", import.meta.url));

/** The files that are exported. */
export const exported: readonly string[] = ["torchvision_resnet18.pth", "timm_vit.safetensors"];

/** A folder `encoder` in `folder`, an RGB image of the encoder's size, and our features of it. */
export type ExportedEncoder = {
  readonly folder: string;
  readonly bytes: Uint8ClampedArray;
  readonly size: number;
  readonly ours: readonly number[];
};

/** Exports one of {@linkcode exported} into a folder that is there while `f` runs. */
export async function withExported(file: string, f: (encoder: ExportedEncoder) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const run = `${folder}/encoder.safetensors`;
    // Without a crop, images of the encoder's size pass as they are.
    const augment = { evaluationCrop: 1, ...file.startsWith("timm") ? {} : { size: 32 } };
    right(await importWeights({ file: `${fixtures}/${file}`, to: run, augment })());
    right(await exportWeights({ run, format: "transformers.js", out: `${folder}/encoder` })());
    const checkpoint = right(await loadCheckpoint(run)());
    const config = right(parseConfig(checkpoint.config, { data: false }));
    const { size } = config.augment;
    const template = freshState(buildMethod(config, viewShape(config, 3), 1), 0);
    const state = right(restore(template, checkpoint));
    const bytes = Uint8ClampedArray.from({ length: size * size * 3 }, (_, place) => (place * 37) % 256);
    const ours = scope(() =>
      Array.from(buildFeatures(config)(state, fromBytes(new Uint8Array(bytes), [1, size, size, 3])).dataSync())
    );
    dispose({ template, state });
    await f({ folder, bytes, size, ours });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
