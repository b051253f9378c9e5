/**
 * One image of a collection as a data set, in the server's threads.
 *
 * @module
 */
import { relative, sep } from "node:path";
import { Either } from "../core/either.ts";
import { renderDataError } from "../data/errors.ts";
import { partOf } from "../data/shard_image.ts";
import { select } from "../data/select.ts";
import { type Dataset, type ImageFiles, isInFiles, type Split } from "../data/types.ts";
import { withChannels } from "../data/with_channels.ts";
import { datasetOf } from "../run/pictures.ts";
import type { CollectionSource } from "../search/collection/types.ts";
import type { ImagePlace } from "./image_place.ts";
import { remembered } from "./remembered.ts";

/** How an image is wanted: the rows and columns of its central view, pixels, and its channels. */
export type Wanted = { readonly size: number; readonly channels: 1 | 3 };

/** The data set of one image. Truncated JPEGs are used as far as they go. */
export async function oneImage(place: ImagePlace, { size, channels }: Wanted): Promise<Dataset | ImageFiles> {
  const about = { name: "one", count: 1, height: size, width: size, channels, recover: true } as const;
  switch (place.kind) {
    case "file":
      return { ...about, paths: [place.file] };
    case "shard":
      return { ...about, paths: [place.path], parts: [await partOf(place.shard, place.path)] };
    case "data set": {
      const data = (await splits(place.source.id, () => loaded(place.source)))[place.half];
      const at = data === undefined ? -1 : placeIn(data, place);
      if (data === undefined || !(at < data.count && at >= 0)) {
        throw new RangeError(`expected one of ${data?.count ?? 0} images, found ${place.path}`);
      }
      const one = select(data, [at]);
      return isInFiles(one) ? { ...one, ...about } : withChannels(one, channels);
    }
  }
}

/** An image's place in its half. One in memory is called by it, as in "train/17"; one in a file by the file's path. */
function placeIn(data: Dataset | ImageFiles, { source, path }: ImagePlace & { readonly kind: "data set" }): number {
  if (!isInFiles(data)) return Number(/^(?:train|test)\/(\d+)$/.exec(path)?.[1] ?? -1);
  return data.paths.findIndex((file) => relative(source.path, file).replaceAll(sep, "/") === path);
}

/** The data sets by the numbers of their sources. */
const splits = remembered<number, Split>();

async function loaded(source: CollectionSource): Promise<Split> {
  const found = await datasetOf(source, () => {})();
  if (Either.isLeft(found)) throw new Error(renderDataError(found.left));
  return found.right;
}
