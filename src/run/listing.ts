/**
 * The images of a data set as a collection lists them.
 *
 * @module
 */
import { hash } from "node:crypto";
import { relative, resolve, sep } from "node:path";
import type { DataConfig } from "../config/types.ts";
import { imageBytes } from "../data/image_bytes.ts";
import { type ImagePlace, placeOf } from "../data/image_source.ts";
import { gather, select } from "../data/select.ts";
import { type Dataset, type ImageFiles, isInFiles, type Split } from "../data/types.ts";
import { withChannels } from "../data/with_channels.ts";
import type { Found } from "../search/collection/compare.ts";

/** Images of both halves, one after the other. */
export type Listing = {
  /** What a collection knows of each. */
  readonly images: readonly Found[];
  /** The images at some places, with the pixels or the files that an encoder needs. */
  readonly at: (places: readonly number[]) => Dataset | ImageFiles;
  /** The digest of an image; undefined where its file cannot be read. */
  readonly digestOf: (place: number) => Promise<string | undefined>;
};

/** The source of some images, by which a collection knows it again. */
export function sourceIn({ name, path }: DataConfig): { readonly name: string; readonly path: string } {
  return { name, path: path === undefined ? "" : resolve(path) };
}

/**
 * Lists the images of both halves. Files are looked at, but not read.
 *
 * @param split The images.
 * @param folder The folder that the paths of files start from.
 * @param channels Channels of the images that the encoder takes, 1 or 3.
 */
export function listingOf({ train, test }: Split, folder: string, channels: number): Listing {
  if (isInFiles(train)) {
    return ofFiles(train, test !== undefined && isInFiles(test) ? test : undefined, folder, channels);
  }
  return ofPixels(train, test !== undefined && !isInFiles(test) ? test : undefined, channels);
}

function ofFiles(
  { copies: _, ...train }: ImageFiles, // a collection is about the images themselves
  test: ImageFiles | undefined,
  folder: string,
  channels: number,
): Listing {
  const paths = [...train.paths, ...test?.paths ?? []];
  const places = [train, ...test === undefined ? [] : [test]].flatMap((half) =>
    half.paths.map((_, image) => placeOf(half, image))
  );
  return {
    images: halvesOf(train, test).map((half, place) => ({
      path: relative(folder, paths[place]).replaceAll(sep, "/"),
      ...statOf(places[place]),
      ...half,
    })),
    at: (some) => ({
      ...train,
      channels: channels === 1 ? 1 : 3,
      paths: some.map((place) => paths[place]),
      parts: some.map((place) => {
        const found = places[place];
        return typeof found === "string" ? undefined : found;
      }),
      count: some.length,
    }),
    digestOf: (place) => imageBytes(places[place]).then(sha256, () => undefined),
  };
}

function ofPixels(train: Dataset, test: Dataset | undefined, channels: number): Listing {
  const images = [train, ...test === undefined ? [] : [test]];
  const place = (half: Dataset, at: number) => gather(half, [at]);
  const digests = images.flatMap((half) => Array.from({ length: half.count }, (_, at) => sha256(place(half, at))));
  const numbers = images.flatMap((half) => Array.from({ length: half.count }, (_, at) => at));
  return {
    images: halvesOf(train, test).map((half, place) => ({
      path: `${half.split}/${numbers[place]}`,
      ...{ bytes: train.height * train.width * train.channels, modified: 0, digest: digests[place] },
      ...half,
    })),
    at: (places) => {
      const parts = images.map((half, index) => {
        const first = index === 0 ? 0 : train.count;
        return select(half, places.map((place) => place - first).filter((at) => at >= 0 && at < half.count));
      });
      const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.images.length, 0));
      parts.reduce((offset, part) => (pixels.set(part.images, offset), offset + part.images.length), 0);
      const { labels: _, ...others } = train; // they are those of all training images
      return withChannels({ ...others, images: pixels, count: places.length }, channels);
    },
    digestOf: (place) => Promise.resolve(digests[place]),
  };
}

/** The half and the label of each image. */
function halvesOf(
  train: Dataset | ImageFiles,
  test: Dataset | ImageFiles | undefined,
): readonly Pick<Found, "split" | "label">[] {
  const of = (data: Dataset | ImageFiles, split: Found["split"]) =>
    Array.from({ length: data.count }, (_, place) => {
      const label = data.labels?.[place];
      return { split, ...label === undefined ? {} : { label: data.classes?.[label] ?? String(label) } };
    });
  return [...of(train, "train"), ...test === undefined ? [] : of(test, "test")];
}

/** Size and time of an image; of one that cannot be looked at, those of no file, so that it is tried again. */
function statOf(place: ImagePlace): { readonly bytes: number; readonly modified: number } {
  try {
    const { size, mtime } = Deno.statSync(typeof place === "string" ? place : place.file);
    return { bytes: typeof place === "string" ? size : place.length, modified: mtime?.getTime() ?? 0 };
  } catch {
    return { bytes: 0, modified: 0 };
  }
}

/** The digest by which a collection knows the contents of an image, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
