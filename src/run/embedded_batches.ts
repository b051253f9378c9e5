import { dispose } from "../core/scope.ts";
import { featureBatches } from "../evaluate/features.ts";
import type { Embedded } from "../search/collection/additions.ts";
import type { OpenedEncoder } from "./encoder.ts";
import { type Listing, sha256 } from "./listing.ts";

/** An image that was embedded, by its index among those that were to be. */
export type EmbeddedRow = Pick<Embedded, "digest" | "width" | "height" | "vector"> & { readonly index: number };

/** An image that cannot be used, by its index among those that were to be embedded. */
export type UnusableRow = { readonly index: number; readonly path: string; readonly reason: string };

/** What became of some images: the rows are in their order, and those that cannot be used may come earlier. */
export type EmbeddedBatch = { readonly rows: readonly EmbeddedRow[]; readonly unusable: readonly UnusableRow[] };

/** Images that are embedded batch by batch. */
export type EmbeddedBatches = AsyncGenerator<EmbeddedBatch, void, undefined>;

/** Images of a listing, and what embeds them. */
export type Embedding = {
  readonly listing: Listing;
  readonly embed: OpenedEncoder["embed"];
  /** Images of a batch. */
  readonly batch: number;
};

/** How many batches are embedded at the same time. */
const AT_ONCE = 2;

/** Embeds the images at some places of a listing, in that order. */
export async function* embeddedBatches(
  { listing, embed, batch }: Embedding,
  places: readonly number[],
): EmbeddedBatches {
  if (places.length === 0) return;
  const data = listing.at(places);
  const indexOf = new Map("paths" in data ? data.paths.map((path, index) => [path, index]) : []);
  const unusable: UnusableRow[] = [];
  const batches = featureBatches(
    embed,
    data,
    batch,
    (skipped) => unusable.push({ ...skipped, index: indexOf.get(skipped.path)! }),
    AT_ONCE,
  );
  for await (const { features, index, sizes, contents } of batches) {
    const dim = features.shape[1]!;
    const values = features.dataSync<"float32">(); // [N, D]
    dispose({ features });
    const rows: EmbeddedRow[] = [];
    for (const [row, image] of index.entries()) {
      const bytes = contents[row];
      const digest = bytes === undefined ? await listing.digestOf(places[image]) ?? "" : sha256(bytes);
      rows.push({ index: image, digest, ...sizes[row], vector: values.subarray(row * dim, (row + 1) * dim) });
    }
    yield { rows, unusable: unusable.splice(0) };
  }
  if (unusable.length > 0) yield { rows: [], unusable };
}
