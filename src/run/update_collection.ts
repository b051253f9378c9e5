import { dispose } from "../core/scope.ts";
import { counted } from "../data/errors.ts";
import { featureBatches } from "../evaluate/features.ts";
import { type Embedded, knownImages, markRemoved, putEmbedded, refresh } from "../search/collection/additions.ts";
import { compare } from "../search/collection/compare.ts";
import { findMoved, lostImages, move } from "../search/collection/moved.ts";
import type { Database } from "../search/collection/database.ts";
import type { NumberedEncoder } from "../search/collection/encoders.ts";
import { renderDuration, type Reporter } from "../train/progress.ts";
import type { OpenedEncoder } from "./encoder.ts";
import { type Listing, sha256 } from "./listing.ts";

/** What is to be embedded, and how. */
export type Update = {
  /** The number of the source that the images are of. */
  readonly source: number;
  readonly listing: Listing;
  /** Whether the listing has every image of the source, so that others are gone. */
  readonly isWhole: boolean;
  readonly encoder: NumberedEncoder;
  readonly embed: OpenedEncoder["embed"];
  /** Images of a batch. */
  readonly batch: number;
  readonly reporter: Reporter;
  /** Whether to stop after this batch. */
  readonly isRequested: () => boolean;
};

/** What was done. */
export type Updated = {
  /** Images that were embedded. */
  readonly embedded: number;
  /** Images that are still to be embedded. */
  readonly left: number;
  /** Images that the collection has under another path or in another folder, where they no longer are. */
  readonly moved: number;
  /** Images that the collection had and that are no longer there. */
  readonly gone: number;
  /** Images that cannot be read. */
  readonly unusable: number;
};

/** How many batches are embedded at the same time. */
const AT_ONCE = 2;

/** How many images that cannot be read are named before the rest is only counted. */
const NAMED = 5;

/** Brings a collection to what its source has: embeds what is new or changed, and marks what is gone. */
export async function updateCollection(database: Database, update: Update): Promise<Updated> {
  const { source, listing, isWhole, encoder, reporter } = update;
  const known = knownImages(database, source, encoder);
  const { toEmbed, toRefresh, gone } = await compare(listing.images, known, listing.digestOf);
  refresh(database, toRefresh);
  const lost = lostImages(database, source, encoder, isWhole ? gone : []);
  const fresh = toEmbed.filter((place) => !known.has(listing.images[place].path));
  const moved = await findMoved(fresh, listing.images, lost, listing.digestOf);
  const now = Date.now();
  const leftBehind = move(database, source, moved.map(({ place, id }) => ({ ...listing.images[place], id })), now);
  const [places, ids] = [new Set(moved.map(({ place }) => place)), new Set(moved.map(({ id }) => id))];
  const rest = toEmbed.filter((place) => !places.has(place));
  const { embedded, unusable } = await embedAll(database, update, rest);
  const unusablePaths = unusable.map((place) => listing.images[place].path);
  const spoilt = unusablePaths.flatMap((path) => known.get(path)?.isRemoved === false ? [known.get(path)!.id] : []);
  const missing = [...isWhole ? gone.filter((id) => !ids.has(id)) : [], ...spoilt];
  markRemoved(database, missing, now);
  if (unusable.length > NAMED) reporter.note(`Left out ${counted(unusable.length, "image")} that cannot be used`);
  const left = rest.length - embedded - unusable.length;
  return { embedded, left, moved: moved.length, gone: missing.length + leftBehind, unusable: unusable.length };
}

/** Embeds the images at some places of the listing, until all are or a stop is asked for. */
async function embedAll(
  database: Database,
  { source, listing, encoder, embed, batch, reporter, isRequested }: Update,
  places: readonly number[],
): Promise<{ readonly embedded: number; readonly unusable: readonly number[] }> {
  const unusable: number[] = [];
  if (places.length === 0) return { embedded: 0, unusable };
  const data = listing.at(places);
  const placeOfFile = "paths" in data ? new Map(data.paths.map((path, row) => [path, places[row]])) : new Map();
  const onSkip = ({ path, reason }: { readonly path: string; readonly reason: string }) => {
    if (unusable.push(placeOfFile.get(path)) <= NAMED) reporter.note(`Left out ${path}: ${reason}`);
  };
  const started = performance.now();
  let embedded = 0;
  const batches = featureBatches(embed, data, Math.min(batch, places.length), onSkip, AT_ONCE);
  for await (const { features, index, sizes, contents } of batches) {
    const values = features.dataSync<"float32">(); // [N, D]
    dispose({ features });
    const digests: string[] = [];
    for (const [n, row] of index.entries()) {
      const bytes = contents[n];
      digests.push(bytes === undefined ? await listing.digestOf(places[row]) ?? "" : sha256(bytes));
    }
    const images = index.map((row, n): Embedded => ({
      ...listing.images[places[row]],
      ...sizes[n],
      digest: digests[n],
      vector: values.subarray(n * encoder.dim, (n + 1) * encoder.dim),
    }));
    putEmbedded(database, source, encoder, images);
    embedded += images.length;
    const rate = 1000 * embedded / (performance.now() - started);
    reporter.progress(
      `embedded ${embedded}/${places.length}  ${rate.toFixed(rate < 10 ? 1 : 0)} images/s  ` +
        `${renderDuration((places.length - embedded) / rate)} left`,
    );
    if (isRequested()) break;
  }
  reporter.end();
  return { embedded, unusable };
}
