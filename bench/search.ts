/**
 * Search, duplicates and the map of a collection: seconds, memory, and how much of the neighbours the map keeps.
 *
 *     deno run -A bench/search.ts photos.moco [--map] [--count 60000]
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { engineInfo } from "../src/engine/mod.ts";
import type { CollectionVectors } from "../src/search/collection/types.ts";
import { type Answer, openCollection } from "../src/search/collection/collection.ts";
import { duplicateGroups } from "../src/search/duplicates.ts";
import { createSearcher } from "../src/search/nearest.ts";
import { neighbourGraph } from "../src/search/neighbour_graph.ts";
import { kMeans } from "../src/search/k_means.ts";
import { selectSpread } from "../src/search/select_spread.ts";
import { umap } from "../src/search/umap/umap.ts";
import { countOf, vectorsAt } from "../src/search/unit_vectors.ts";

const { values: { map, count: most }, positionals: [path] } = parseArgs({
  options: { map: { type: "boolean", default: false }, count: { type: "string", default: "Infinity" } },
  allowPositionals: true,
});
const collection = right(await openCollection(path)());
engineInfo(); // loads the engine before the vectors, as the commands do

/** Runs something, and prints its seconds of the clock and of the processor. */
async function timed<A>(name: string, run: () => A | Promise<A>): Promise<A> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  console.log(`${name.padEnd(44)} ${seconds.toFixed(3)} s, ${((user + system) / 1e6).toFixed(3)} CPU s, ${memory()}`);
  return result;
}

/** The most memory that the process has had, on Linux. */
function memory(): string {
  const status = Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/self/status") : "";
  return `peak ${Math.round(Number(status.match(/VmHWM:\s+(\d+)/)?.[1] ?? 0) / 1024)} MiB`;
}

const all = await timed("vectors read", () => right(collection.vectors()));
const vectors = { ...all, values: all.values.subarray(0, Math.min(Number(most), all.ids.length) * all.dim) };
const count = countOf(vectors);
console.log(`${count} vectors of ${vectors.dim} numbers`);

if (map) {
  const coordinates = await timed("map", () => umap(vectors));
  quality(vectors, coordinates);
} else {
  const at = (...rows: readonly number[]) => vectorsAt(vectors, rows);
  const searcher = createSearcher(vectors);
  await timed("first search, with the start of the engine", () => searcher.nearest(at(0), 10));
  for (let i = 1; i <= 5; i++) await timed("search for one image", () => searcher.nearest(at(i), 10));
  await timed("search for 100 images", () => searcher.nearest(at(...Array(100).keys()), 10));
  searcher.close();
  await timed("duplicates above 0.99", () => duplicateGroups(vectors, 0.99));
  await timed("20 clusters", () => kMeans(vectors, 20));
  await timed("500 images selected", () => selectSpread(vectors, 500));
  await timed("15 neighbours of each", () => neighbourGraph(vectors, 15));
}

/**
 * Of 1,000 images: how many of their 15 nearest are among the 15 nearest on the map, and how often those say the label.
 */
function quality(vectors: CollectionVectors, coordinates: Float32Array): void {
  const [k, samples] = [15, 1000];
  const images = right(collection.images(vectors.ids.subarray(0, count)));
  const rows = Array.from({ length: samples }, (_, i) => Math.floor(i * count / samples));
  const searcher = createSearcher(vectors);
  const exact = searcher.nearest(vectorsAt(vectors, rows), k + 1);
  searcher.close();
  let kept = 0, named = 0;
  rows.forEach((row, i) => {
    const square = (j: number) =>
      (coordinates[2 * j] - coordinates[2 * row]) ** 2 + (coordinates[2 * j + 1] - coordinates[2 * row + 1]) ** 2;
    const distances = Float64Array.from({ length: count }, (_, j) => j === row ? Infinity : square(j));
    const near = distances.keys().toArray().sort((a, b) => distances[a] - distances[b]).slice(0, k);
    kept += exact[i].filter(({ index }) =>
      index !== row
    ).slice(0, k).filter(({ index }) => near.includes(index)).length;
    const votes = Map.groupBy(near, (j) => images[j].label);
    const [label] = [...votes].toSorted(([, a], [, b]) => b.length - a.length)[0];
    if (label === images[row].label) named++;
  });
  console.log(
    `neighbours kept ${(kept / samples / k).toFixed(3)}, label by 15 neighbours on the map ${named / samples}`,
  );
}

/** The answer of a collection. */
function right<A>(answer: Answer<A>): A {
  if (answer._tag === "Left") throw new Error(JSON.stringify(answer.left));
  return answer.right;
}
