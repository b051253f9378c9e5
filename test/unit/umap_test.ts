import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { halves, words } from "../../src/data/philox.ts";
import { neighbourGraph } from "../../src/search/neighbour_graph.ts";
import { curveOf } from "../../src/search/umap/curve.ts";
import { placeOnMap, umap } from "../../src/search/umap/umap.ts";
import type { UnitVectors } from "../../src/search/unit_vectors.ts";
import { assertClose } from "../support/close.ts";

const CLASSES = 4;
const DIM = 8;

/** Unit vectors around the axes of a space, each near the axis of its class. */
function clouds(count: number, seed: number): { readonly vectors: UnitVectors; readonly labels: readonly number[] } {
  const draw = words(halves(seed), [9, 0, 0]);
  const labels = Array.from({ length: count }, (_, i) => i % CLASSES);
  const rows = labels.map((label) => {
    const row = Array.from({ length: DIM }, (_, d) => (d === label ? 1 : 0) + 0.4 * (draw() / 2 ** 32 - 0.5));
    return row.map((x) => x / Math.hypot(...row));
  });
  return { vectors: { values: Float32Array.from(rows.flat()), dim: DIM }, labels };
}

/** The k nearest points of each of some places among others. */
function nearestOnMap(places: Float32Array, among: Float32Array, k: number): number[][] {
  return Array.from({ length: places.length / 2 }, (_, i) => {
    const distance = (j: number) =>
      Math.hypot(places[2 * i] - among[2 * j], places[2 * i + 1] - among[2 * j + 1]) || Infinity; // not itself
    return Array.from({ length: among.length / 2 }, (_, j) => j).sort((a, b) => distance(a) - distance(b)).slice(0, k);
  });
}

Deno.test("a map keeps classes together and neighbours near, the same bytes for the same seed", async () => {
  const { vectors, labels } = clouds(200, 1);
  const coordinates = await umap(vectors);
  const found = nearestOnMap(coordinates, coordinates, 15);
  const same = found.flatMap((row, i) => row.map((j): number => labels[j] === labels[i] ? 1 : 0));
  assert(same.reduce((sum, x) => sum + x, 0) / same.length > 0.98);
  const { rows } = await neighbourGraph(vectors, 15);
  const kept = found.flatMap((row, i) =>
    row.map((j): number => rows.subarray(15 * i, 15 * (i + 1)).includes(j) ? 1 : 0)
  );
  assert(kept.reduce((sum, x) => sum + x, 0) / kept.length > 0.5); // 0.3 if each class were laid out at random
  assertEquals(await umap(vectors), coordinates);
  assertNotEquals(await umap(vectors, { seed: 1 }), coordinates);
});

Deno.test("new images come to lie among the old ones of their class, which stay", async () => {
  const old = clouds(200, 1);
  const added = clouds(40, 2);
  const coordinates = await umap(old.vectors);
  const before = coordinates.slice();
  const placed = await placeOnMap(added.vectors, { vectors: old.vectors, coordinates });
  assertEquals(coordinates, before);
  const found = nearestOnMap(placed, coordinates, 15);
  const same = found.flatMap((row, i) => row.map((j): number => old.labels[j] === added.labels[i] ? 1 : 0));
  assert(same.reduce((sum, x) => sum + x, 0) / same.length > 0.98);
  assertEquals(
    (await placeOnMap({ values: new Float32Array(0), dim: DIM }, { vectors: old.vectors, coordinates })).length,
    0,
  );
});

Deno.test("the progress of a map goes through the neighbours and the layout to the end", async () => {
  const seen: (readonly [string, number])[] = [];
  await umap(clouds(20, 1).vectors, { epochs: 5, onProgress: (stage, share) => seen.push([stage, share]) });
  assertEquals(seen, [["neighbours", 1], ...[0.2, 0.4, 0.6, 0.8, 1].map((share) => ["layout", share] as const)]);
});

Deno.test("equal images get places of their own, and two images no map", async () => {
  const equal = { values: Float32Array.from({ length: 10 }, (_, i) => i % 2), dim: 2 };
  const coordinates = await umap(equal, { epochs: 20 });
  assert(coordinates.every(Number.isFinite));
  assertEquals(new Set(coordinates).size, 10);
  await assertRejects(() => umap({ values: Float32Array.of(1, 0, 0, 1), dim: 2 }), RangeError, "expected 3 images");
});

Deno.test("the curve for the usual least distance is umap-learn's", () => {
  // find_ab_params(1.0, 0.1) of umap-learn 0.5
  assertClose(curveOf(0.1), { a: 1.576943, b: 0.895061 }, { relative: 1e-5, absolute: 0 });
});
