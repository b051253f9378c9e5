import { type Tensor, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { forEachUnitNeighbours, similarities } from "./for_each_neighbours.ts";
import { countOf, tensorOf, type UnitVectors, vectorsBetween } from "./unit_vectors.ts";
import { valuesWhere } from "./where_true.ts";

/** The nearest other images of every image, the nearest first. */
export type NeighbourGraph = {
  /** Neighbours of each image. */
  readonly k: number;
  /** Their rows, [N, k], row-major. */
  readonly rows: Int32Array;
  /** Their cosine similarities, [N, k], row-major. */
  readonly similarities: Float32Array;
};

/** Options of {@linkcode neighbourGraph}. */
export type GraphOptions = {
  /** Memory for the similarities of a block of images with another one, in bytes. Default 4 MiB. */
  readonly blockBytes?: number;
  /** Called now and then with the images done so far. */
  readonly onProgress?: (done: number, count: number) => void;
};

/**
 * The k nearest other images of every image, exactly. Equally similar ones come in the order of their rows. The event
 * loop runs between blocks.
 *
 * Each pair of blocks is multiplied once, for the images of both. The first block gives every image k neighbours. From
 * then on an image takes what is more similar than the least of those that it has, which is little.
 *
 * Reference: reference/search/neighbours.ts
 *
 * @param vectors N unit vectors.
 * @param k Neighbours of each, in [1, N - 1].
 * @param options The size of a block, a progress callback.
 * @throws {RangeError} if k is not a whole number in [1, N - 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { neighbourGraph } from "@momentum-contrast/moco";
 *
 * const { rows } = await neighbourGraph({ values: Float32Array.of(1, 0, 0.8, 0.6, 0, 1), dim: 2 }, 1);
 * assertEquals([...rows], [1, 0, 1]);
 * ```
 */
export async function neighbourGraph(
  vectors: UnitVectors,
  k: number,
  options: GraphOptions = {},
): Promise<NeighbourGraph> {
  const count = countOf(vectors);
  if (!Number.isInteger(k) || k < 1 || k >= count) {
    throw new RangeError(`Cannot find neighbours: expected k in [1, ${count - 1}] (the other images), found ${k}`);
  }
  const { blockBytes = BLOCK_BYTES, onProgress } = options;
  const graph = { k, rows: new Int32Array(count * k), similarities: new Float32Array(count * k) };
  // An image of the first block is among its own neighbours, and needs k others.
  const side = Math.min(count, Math.max(k + 1, Math.floor(Math.sqrt(blockBytes / 4))));
  const starts = Array.from({ length: Math.ceil(count / side) }, (_, block) => block * side);
  const blockAt = (start: number) => tensorOf(vectorsBetween(vectors, start, start + side));
  const pairs = starts.length * (starts.length + 1) / 2;
  let done = 0;
  const rest = async () => {
    onProgress?.(Math.floor(count * ++done / pairs), count);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  for (const start of starts) {
    scope(() => beginWith(graph, start, blockAt(start), blockAt(0)));
    await rest();
  }
  for (const [place, first] of starts.entries()) {
    for (const second of starts.slice(first === 0 ? 1 : place)) {
      scope(() => goOn(graph, first, blockAt(first), second, blockAt(second)));
      if (first > 0) await rest();
    }
  }
  return graph;
}

/** The graph of the `fewer` nearest of the k neighbours that each image has in a graph. */
export function nearestIn({ k, rows, similarities }: NeighbourGraph, fewer: number): NeighbourGraph {
  const isKept = (_: number, edge: number): boolean => edge % k < fewer;
  return { k: fewer, rows: rows.filter(isKept), similarities: similarities.filter(isKept) };
}

/** Bytes of the similarities of two blocks. */
const BLOCK_BYTES = 4 * 2 ** 20;

/** Gives the images of a block their neighbours among those of the first block. */
function beginWith(graph: NeighbourGraph, start: number, images: Tensor, bank: Tensor): void {
  // One more than k, because an image may be its own neighbour.
  forEachUnitNeighbours(images, bank, graph.k + 1, Infinity, (_, found, rows) => {
    putOthers(graph, start, found.dataSync<"float32">(), rows.dataSync<"int32">());
  });
}

/** Puts the neighbours of some images into the graph, without the images themselves. */
function putOthers({ k, ...graph }: NeighbourGraph, first: number, similarities: Float32Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length / (k + 1); i++) {
    const start = i * (k + 1);
    const own = placeOf(first + i, rows, start, k);
    for (let j = 0; j < k; j++) {
      const from = start + (j < own ? j : j + 1);
      graph.rows[(first + i) * k + j] = rows[from];
      graph.similarities[(first + i) * k + j] = similarities[from];
    }
  }
}

/** Where an image stands among its own neighbours; the last place if it is not there. */
function placeOf(image: number, rows: Int32Array, start: number, k: number): number {
  for (let place = 0; place < k; place++) if (rows[start + place] === image) return place;
  return k;
}

/** Offers the images of two blocks to each other. Those of the first block of all were offered to all already. */
function goOn(graph: NeighbourGraph, first: number, images: Tensor, second: number, others: Tensor): void {
  const found = similarities(images, others); // [I, J]
  const toFirst = tf.greaterEqual(found, tf.expandDims(leastOf(graph, first, images.shape[0]), 1));
  const isBoth = first !== 0 && first !== second;
  const near = isBoth
    ? tf.logicalOr(toFirst, tf.greaterEqual(found, leastOf(graph, second, others.shape[0])))
    : toFirst;
  const { places, values } = valuesWhere(near, found);
  for (let pair = 0; pair < values.length; pair++) {
    const [image, other] = [first + places[2 * pair], second + places[2 * pair + 1]];
    if (image === other) continue;
    offer(graph, image, other, values[pair]);
    if (isBoth) offer(graph, other, image, values[pair]);
  }
}

/** The least similarity among the neighbours that each image of a block has, float32 [I]. */
function leastOf({ k, similarities }: NeighbourGraph, first: number, size: number): Tensor {
  return tf.tensor1d(Float32Array.from({ length: size }, (_, i) => similarities[(first + i + 1) * k - 1]));
}

/** Makes an image a neighbour of another one, in the place of the last one there, if it is nearer. */
function offer({ k, rows, similarities }: NeighbourGraph, image: number, other: number, similarity: number): void {
  const start = image * k;
  const isBefore = (place: number) =>
    similarity > similarities[place] || (similarity === similarities[place] && other < rows[place]);
  let place = start + k - 1;
  if (!isBefore(place)) return;
  for (; place > start && isBefore(place - 1); place--) {
    rows[place] = rows[place - 1];
    similarities[place] = similarities[place - 1];
  }
  rows[place] = other;
  similarities[place] = similarity;
}
