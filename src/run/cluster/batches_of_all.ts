/**
 * Images that several processes embed, each with whole batches of them: process r of n has the batches r, r + n,
 * r + 2n, ... The last digits of a vector can depend on what else is in its batch, so the batches are those of one
 * process.
 *
 * @module
 */
import type { Part } from "../../core/devices.ts";
import { dispose, scope } from "../../core/scope.ts";
import { type Cluster, tf } from "../../engine/mod.ts";
import { gatherFromMembers } from "../../engine/collective/mod.ts";
import type { EmbeddedBatches, EmbeddedRow, UnusableRow } from "../embedded_batches.ts";
import { wordsOfAll } from "./words_of_all.ts";

/**
 * What a process embeds.
 *
 * @param images All images.
 * @param batch Images of a batch.
 * @param part Which process of how many.
 */
export function batchesOfPart<T>(images: readonly T[], batch: number, { index, count }: Part): readonly T[] {
  return images.filter((_, place) => Math.floor(place / batch) % count === index);
}

/** What is shared: how many images there are, how many are in a batch, and the numbers of a vector. */
export type SharedImages = { readonly images: number; readonly batch: number; readonly dim: number };

/**
 * What all processes embed, in the order of the images. In each round every process takes part, with the images of one
 * batch. A process whose images cannot all be used embeds a few of its next ones already, and keeps them back.
 *
 * @param cluster The cluster, as this process sees it.
 * @param own What this process embeds, by {@linkcode batchesOfPart}.
 * @param shared What is shared.
 */
export async function* batchesOfAll(
  cluster: Cluster,
  own: EmbeddedBatches,
  { images, batch, dim }: SharedImages,
): EmbeddedBatches {
  const { rank, size } = cluster;
  const amongAll = <T extends { readonly index: number }>(row: T): T => {
    const [before, within] = [Math.floor(row.index / batch), row.index % batch];
    return { ...row, index: (before * size + rank) * batch + within };
  };
  const waiting: EmbeddedRow[] = [];
  try {
    for (let end = batch; end * size < images + batch * size; end += batch) {
      const unusable: UnusableRow[] = [];
      while ((waiting.at(-1)?.index ?? -1) < end - 1) {
        const { value } = await own.next();
        if (value === undefined) break;
        waiting.push(...value.rows);
        unusable.push(...value.unusable.map(amongAll));
      }
      const later = waiting.findIndex(({ index }) => index >= end);
      const rows = waiting.splice(0, later < 0 ? waiting.length : later).map(amongAll);
      const vectors = vectorsOfAll(cluster, rows, batch, dim);
      const about = rows.map(({ vector: _, ...rest }) => rest);
      const all = wordsOfAll(cluster, { about, unusable });
      yield {
        rows: all.flatMap(({ about }, rank) =>
          about.map((row, place) => ({ ...row, vector: vectors(rank * batch + place) }))
        ),
        unusable: all.flatMap(({ unusable }) => unusable),
      };
    }
  } finally {
    await own.return();
  }
}

/** The vectors of all processes by place: a process has `batch` places, of which the first ones are taken. */
function vectorsOfAll(
  cluster: Cluster,
  rows: readonly EmbeddedRow[],
  batch: number,
  dim: number,
): (place: number) => Float32Array {
  const own = new Float32Array(batch * dim);
  rows.forEach(({ vector }, place) => own.set(vector, place * dim));
  const all = scope(() => gatherFromMembers(cluster, tf.tensor2d(own, [batch, dim])));
  const values = all.dataSync<"float32">();
  dispose({ all });
  return (place) => values.subarray(place * dim, (place + 1) * dim);
}
