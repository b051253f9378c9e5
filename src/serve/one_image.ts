/**
 * One image of a collection as a data set, in the server's threads.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { renderDataError } from "../data/errors.ts";
import { partOf } from "../data/shard_image.ts";
import { select } from "../data/select.ts";
import { stl10Part } from "../data/stl10.ts";
import { type Dataset, type ImageFiles, isInFiles, type Split } from "../data/types.ts";
import { withChannels } from "../data/with_channels.ts";
import type { CentralSquare } from "../run/central_square.ts";
import { datasetOf } from "../run/pictures.ts";
import type { CollectionSource } from "../search/collection/types.ts";
import type { ImagePlace } from "./image_place.ts";
import { remembered } from "./remembered.ts";

/** How an image is wanted: its central square, and its channels. */
export type Wanted = CentralSquare & { readonly channels: 1 | 3 };

/** The data set of one image. Truncated JPEGs are used as far as they go. */
export async function oneImage(
  place: ImagePlace,
  { size, channels, ...shorter }: Wanted,
): Promise<Dataset | ImageFiles> {
  const about = { name: "one", count: 1, height: size, width: size, channels, ...shorter, recover: true } as const;
  switch (place.kind) {
    case "file":
      return { ...about, paths: [place.file] };
    case "shard":
      return { ...about, paths: [place.path], parts: [await partOf(place.shard, place.path)] };
    case "data set": {
      const part = place.source.name === "stl10" ? stl10Part(place.source.path, place.path) : undefined;
      if (part !== undefined) return { ...about, paths: [place.path], parts: [part] };
      const data = (await splits(place.source.id, () => loaded(place.source)))[place.half];
      const at = Number(/^(?:train|test)\/(\d+)$/.exec(place.path)?.[1] ?? -1);
      if (data === undefined || isInFiles(data) || !(at < data.count && at >= 0)) {
        throw new RangeError(`expected one of ${data?.count ?? 0} images, found ${place.path}`);
      }
      return withChannels(select(data, [at]), channels);
    }
  }
}

/** The data sets by the numbers of their sources. */
const splits = remembered<number, Split>();

async function loaded(source: CollectionSource): Promise<Split> {
  const found = await datasetOf(source, () => {})();
  if (Either.isLeft(found)) throw new Error(renderDataError(found.left));
  return found.right;
}
