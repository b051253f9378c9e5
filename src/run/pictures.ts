/**
 * The pictures of a collection's images, which the collection itself does not hold.
 *
 * @module
 */
import { join } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import { dispose, scope } from "../core/scope.ts";
import type { DataError } from "../data/errors.ts";
import type { ImagePart } from "../data/image_source.ts";
import { imagesInOrder } from "../data/in_order.ts";
import { type DataSource, loadDataset } from "../data/load.ts";
import { select } from "../data/select.ts";
import { partOf, shardIn } from "../data/shard_image.ts";
import { stl10Part } from "../data/stl10.ts";
import type { Dataset, ImageFiles, Split } from "../data/types.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { encodePng } from "../engine/ops/mod.ts";
import type { Collection } from "../search/collection/collection.ts";
import type { CollectionError } from "../search/collection/errors.ts";
import type { CollectionImage, CollectionSource } from "../search/collection/types.ts";
import { sharpness } from "../search/sharpness.ts";
import type { Note } from "./images.ts";

/** Receives pictures, uint8 [N, height, width, channels], and whose they are. The tensor is freed when it returns. */
type Visit = (images: readonly CollectionImage[], pixels: Tensor) => void;

/** Pictures that are read at a time. */
const BATCH = 64;

/** Rows and columns of a thumbnail, pixels. */
const THUMBNAIL = 112;

/** Rows and columns at which the sharpness of images is compared, pixels. */
const COMPARED = 256;

/**
 * Small pictures of images, as data URIs of PNG files, by number. Those whose files cannot be read are absent.
 *
 * @param collection Where the images are.
 * @param images The images.
 * @param note Receives messages about data sets that are loaded.
 */
export function thumbnails(
  collection: Collection,
  images: readonly CollectionImage[],
  note: Note,
): TaskEither<CollectionError | DataError, ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  return pipe(
    forEachPicture(collection, images, THUMBNAIL, note, (batch, pixels) => {
      batch.forEach(({ id }, i) => {
        const png = scope(() => tf.squeeze(tf.slice(pixels, [i, 0, 0, 0], [1, -1, -1, -1]), [0]));
        found.set(id, `data:image/png;base64,${encodePng(png).toBase64()}`);
        dispose(png);
      });
    }),
    TaskEither.map(() => found),
  );
}

/** How sharp images are, by number; see {@linkcode sharpness}. All are compared at one size. */
export function sharpnessOf(
  collection: Collection,
  images: readonly CollectionImage[],
  note: Note,
): TaskEither<CollectionError | DataError, ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  return pipe(
    forEachPicture(collection, images, COMPARED, note, (batch, pixels) => {
      const values = scope(() => sharpness(pixels).dataSync<"float32">());
      batch.forEach(({ id }, i) => found.set(id, values[i]));
    }),
    TaskEither.map(() => found),
  );
}

/** Walks the pictures of some images: the central squares of files, the images of a data set in memory as they are. */
function forEachPicture(
  collection: Collection,
  images: readonly CollectionImage[],
  size: number,
  note: Note,
  visit: Visit,
): TaskEither<CollectionError | DataError, void> {
  const unique = [...new Map(images.map((image) => [image.id, image])).values()];
  return pipe(
    TaskEither.fromEither(collection.sources()),
    TaskEither.tap((sources) =>
      TaskEither.fromTask(async () => {
        const found = await inFiles(unique, sources);
        const [paths, parts] = [found.map(({ path }) => path), found.map(({ part }) => part)];
        const about = { name: "files", count: found.length, height: size, width: size, channels: 3 } as const;
        walk({ ...about, paths, parts }, found.map(({ image }) => image), visit);
      })
    ),
    TaskEither.flatMap(TaskEither.traverseSeqArray((source) => {
      const own = unique.filter((image) => image.source === source.id && !isInFile(image, source));
      return own.length === 0 ? TaskEither.right(undefined) : pipe(
        datasetOf(source, note),
        TaskEither.map((split) => {
          for (const half of ["train", "test"] as const) {
            const there = own.filter((image) => image.split === half);
            const data = split[half];
            if (data === undefined || there.length === 0) continue;
            walk(select(data, there.map(({ path }) => Number(path.split("/")[1]))), there, visit);
          }
        }),
      );
    })),
    TaskEither.map(() => {}),
  );
}

/** Whether an image is in a file, by itself or as a part. Those of other data sets are read whole. */
function isInFile({ file }: CollectionImage, source: CollectionSource): boolean {
  return file !== undefined || source.name === "stl10";
}

/** The images that are in files, and where; one whose shard cannot be read has no part, and is then left out. */
async function inFiles(images: readonly CollectionImage[], sources: readonly CollectionSource[]) {
  const found: { readonly image: CollectionImage; readonly path: string; readonly part?: ImagePart }[] = [];
  for (const image of images) {
    const source = sources.find(({ id }) => id === image.source)!; // it has one
    if (!isInFile(image, source)) continue;
    const path = image.file ?? join(source.path, image.path);
    const shard = image.file === undefined ? undefined : shardIn(path);
    const part = shard === undefined
      ? stl10Part(source.path, image.path)
      : await partOf(shard, path).catch(() => undefined);
    found.push({ image, path, ...part === undefined ? {} : { part } });
  }
  return found;
}

function walk(data: Dataset | ImageFiles, images: readonly CollectionImage[], visit: Visit): void {
  if (images.length === 0) return;
  for (const { images: pixels, index } of imagesInOrder(data, BATCH)) {
    try {
      visit(index.map((place) => images[place]), pixels);
    } finally {
      dispose({ pixels });
    }
  }
}

/** The data set that images in memory come from. */
export function datasetOf({ name, path }: CollectionSource, notify: Note): TaskEither<DataError, Split> {
  const known = name as DataSource["name"]; // a source that is no folder is a data set by name
  return loadDataset({ name: known, ...path === "" ? {} : { path } } as DataSource & { readonly name: typeof known }, {
    notify,
  });
}
