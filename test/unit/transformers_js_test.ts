import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { buildFeatures, buildMethod, viewShape } from "../../src/config/build.ts";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { restore } from "../../src/checkpoint/state.ts";
import { parseConfig } from "../../src/config/config.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { fromBytes } from "../../src/engine/mod.ts";
import { exportWeights } from "../../src/run/export.ts";
import { importWeights } from "../../src/run/import_weights.ts";
import { freshState } from "../../src/train/fresh_state.ts";
import { transformers } from "../support/large_packages.ts";
import { right } from "../support/either.ts";

const { env, pipeline, RawImage } = await transformers();
env.allowRemoteModels = false;

const fixtures = fileURLToPath(new URL("../fixtures/interchange", import.meta.url));

/** How far the cosine of our features and theirs may be from 1. */
const tolerances = { fp32: 1e-6, fp16: 1e-5, int8: 5e-3 } as const;

for (const file of ["torchvision_resnet18.pth", "timm_vit.safetensors"]) {
  Deno.test(`transformers.js has our features of ${file}, without network, in three precisions`, async () => {
    const folder = await Deno.makeTempDir();
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
    env.localModelPath = folder;
    for (const [dtype, tolerance] of Object.entries(tolerances)) {
      const encode = await pipeline("image-feature-extraction", "encoder", { dtype: dtype as keyof typeof tolerances });
      const theirs = await encode(new RawImage(bytes, size, size, 3), { pool: true });
      assertEquals(theirs.dims, [1, ours.length]);
      const cosine = cosineOf(ours, Array.from(theirs.data as Float32Array));
      assert(1 - cosine < tolerance, `${dtype}: ${cosine}`);
      await encode.dispose();
    }
    await Deno.remove(folder, { recursive: true });
  });
}

function cosineOf(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * y[index], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
