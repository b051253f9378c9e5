/** Several checkpoints of a run in one collection, and maps that begin on each other. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { embed, embedCheckpoints } from "../../src/run/embed.ts";
import { drawMap, drawMaps } from "../../src/run/draw_map.ts";
import { renderRunError } from "../../src/run/errors.ts";
import { umap } from "../../src/search/umap/umap.ts";
import { openCollection } from "../../src/search/collection/collection.ts";
import { left, right } from "../support/either.ts";
import { photos } from "../support/photo_collection.ts";
import { storeEncoder } from "../support/stored_encoder.ts";

/** A request to embed some photographs by a run. */
type Request = {
  readonly run: string;
  readonly to: string;
  readonly data: { readonly name: "folder"; readonly path: string; readonly labels: "none" };
};

/** Runs `f` with a folder of some photographs, and a run that has kept two checkpoints. */
async function withRun(f: (request: Request) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const { path, bytes } of photos().slice(0, 8)) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    await Deno.mkdir(`${folder}/run/checkpoints`, { recursive: true });
    for (const step of [0, 7]) {
      await storeEncoder(`${folder}/run/checkpoints/step-0000000${step}.safetensors`, { seed: step });
    }
    await f({
      ...{ run: `${folder}/run`, to: `${folder}/photos.moco` },
      data: { name: "folder", path: `${folder}/photos`, labels: "none" },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every checkpoint that a run has kept embeds the images, the first one first, and each only once", async () => {
  await withRun(async (request) => {
    const names = ["run-step-00000000", "run-step-00000007"];
    const first = right(await embedCheckpoints(request)());
    assertEquals(first.map(({ encoder, embedded }) => [encoder.name, embedded]), names.map((name) => [name, 8]));
    const again = right(await embedCheckpoints(request)());
    assertEquals(again.map(({ encoder, embedded }) => [encoder.name, embedded]), names.map((name) => [name, 0]));
  });
});

Deno.test("a checkpoint that is there by another name keeps that name", async () => {
  await withRun(async (request) => {
    right(await embed({ ...request, as: "newest" })());
    const outcomes = right(await embedCheckpoints(request)());
    assertEquals(outcomes.map(({ encoder }) => encoder.name), ["run-step-00000000", "newest"]);
  });
});

Deno.test("each encoder gets a map that begins on the one before", async () => {
  await withRun(async (request) => {
    const { to } = request;
    right(await embedCheckpoints(request)());
    const refused = left(await drawMap({ collection: to, vectors: "run-step-00000007", from: "run-step-00000000" })());
    assertStringIncludes(renderRunError(refused), "Cannot begin a map on that of run-step-00000000");
    const maps = right(await drawMaps({ collection: to, k: 3 })());
    assertEquals(maps.map(({ vectors, isNew, placed }) => [vectors, isNew, placed]), [
      ["run-step-00000000", true, 8],
      ["run-step-00000007", true, 8],
    ]);
    const collection = right(await openCollection(to)());
    const settings = maps.map(({ vectors }) => right(collection.map(vectors))!.settings);
    assertEquals(settings, [
      { method: "umap", k: 3, minimum: 0.1, seed: 0 },
      { method: "umap", k: 3, minimum: 0.1, seed: 0, from: "run-step-00000000" },
    ]);
    collection.close();
  });
});

Deno.test("a map begins where it is told, and where nothing is told at the principal components", async () => {
  const angles = [0, 0.1, 0.2, 2, 2.1, 2.2];
  const values = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  const begin = Float32Array.from(angles.flatMap((_, image) => image === 5 ? [NaN, NaN] : [1000 + image, 500]));
  const options = { k: 2, epochs: 1, seed: 3 };
  const moved = await umap({ values, dim: 2 }, { ...options, begin });
  for (let image = 0; image < 5; image++) {
    assert(Math.abs(moved[2 * image] - begin[2 * image]) < 20 && Math.abs(moved[2 * image + 1] - 500) < 20);
  }
  assert(Math.abs(moved[10]) < 40 && Math.abs(moved[11]) < 40);
});
