import { assert, assertEquals } from "@std/assert";
import { exported, withExported } from "../support/exported_encoder.ts";
import { transformers } from "../support/large_packages.ts";

const { env, pipeline, RawImage } = await transformers();
env.allowRemoteModels = false;

/** How far the cosine of our features and theirs may be from 1. */
const tolerances = { fp32: 1e-6, fp16: 1e-5, int8: 5e-3 } as const;

for (const file of exported) {
  Deno.test(`transformers.js has our features of ${file}, without network, in three precisions`, async () => {
    await withExported(file, async ({ folder, bytes, size, ours }) => {
      env.localModelPath = folder;
      for (const [dtype, tolerance] of Object.entries(tolerances)) {
        const encode = await pipeline("image-feature-extraction", "encoder", { dtype });
        const theirs = await encode(new RawImage(bytes, size, size, 3), { pool: true });
        assertEquals(theirs.dims, [1, ours.length]);
        const cosine = cosineOf(ours, Array.from(theirs.data as Float32Array));
        assert(1 - cosine < tolerance, `${dtype}: ${cosine}`);
        await encode.dispose();
      }
    });
  });
}

for (const file of exported) {
  Deno.test(`transformers.js names classes with our probabilities, of ${file} with the linear layer of an evaluation`, async () => {
    await withExported(file, async ({ folder, bytes, size, probabilities }) => {
      env.localModelPath = folder;
      const classify = await pipeline("image-classification", "classifier", { dtype: "fp32" });
      const found = await classify(new RawImage(bytes, size, size, 3), { top_k: 3 });
      assertEquals(found.map(({ label }) => label).toSorted(), Object.keys(probabilities));
      for (const { label, score } of found) assert(Math.abs(score - probabilities[label]) < 1e-4, label);
      await classify.dispose();
    });
  });
}

function cosineOf(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * y[index], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
