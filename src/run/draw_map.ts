import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import { endingIn } from "../files/ending.ts";
import { isRecord } from "../files/json.ts";
import type { Findings } from "../report/findings.ts";
import { openCollection } from "../search/collection/collection.ts";
import type { CollectionEncoder, CollectionMap, CollectionVectors } from "../search/collection/types.ts";
import { placeOnMap, umap, type UmapOptions } from "../search/umap/umap.ts";
import { vectorsAt } from "../search/unit_vectors.ts";
import type { Reporter } from "../train/progress.ts";
import { type Collected, type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";
import type { NoMap } from "./question_errors.ts";
import { checkColour, type MapPicture, type MapPlace, writePicture } from "./map_picture.ts";

/**
 * What {@linkcode drawMap} is asked for. What it says of the layout is for a new map; one that is there keeps its own.
 */
export type MapRequest = InCollection & {
  /** Neighbours of each image that it is drawn to. Default 15, or all others. */
  readonly k?: number;
  /** The distance on the map below which images count as being at one place, in [0, 1). Default 0.1. */
  readonly minimum?: number;
  /** The same seed gives the same map, bit for bit. Default 0. */
  readonly seed?: number;
  /** Whether a map that is there is drawn again. Default false: new images are placed on it, and the others stay. */
  readonly again?: boolean;
  /** The name of other vectors, on whose map a new map begins, so that the two can be compared. Default: none. */
  readonly from?: string;
  /** A picture of the map, with a point for each image. Default: none is written. */
  readonly picture?: MapPicture;
};

/** What {@linkcode drawMap} did. */
export type DrawnMap = {
  /** The name of the vectors. */
  readonly vectors: string;
  /** Whether the map is a new one. */
  readonly isNew: boolean;
  /** How many images were placed. */
  readonly placed: number;
  /** Every image of the map. */
  readonly places: readonly MapPlace[];
};

/**
 * Draws a map of a collection in two dimensions, on which similar images lie together, and saves it in the collection.
 * A map that is there is gone on with: only images that are not on it yet are placed.
 *
 * @param request The collection, and how a new map is laid out.
 * @returns Right the map; left why there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawMap, renderRunError } from "@momentum-contrast/moco";
 *
 * const drawn = await drawMap({ collection: "/no/photos.moco", seed: 1 })();
 * assertEquals(
 *   drawn._tag === "Left" && renderRunError(drawn.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function drawMap(request: MapRequest): TaskEither<RunError, DrawnMap> {
  const { picture } = request;
  const named = picture === undefined ? Either.right(undefined) : endingIn([".svg", ".png"], picture.path);
  const drawn = inCollection(request, (collected): TaskEither<RunError, DrawnMap> => {
    const { collection, vectors } = collected;
    const images = () => collected.images(vectors.ids.keys().toArray());
    const colour = picture?.colour ?? "label";
    return pipe(
      colour === "label" ? Either.right(undefined) : Either.flatMap(checkColour(colour))(images()),
      Either.flatMap(() => request.again ? Either.right(undefined) : collection.map(request.vectors)),
      Either.map((last) => ({ last: last !== undefined && hasAnyOf(last, vectors) ? last : undefined })),
      Either.bindW("begin", () => beginOn(collected, request.from)),
      TaskEither.fromEither,
      TaskEither.bindW(
        "drawn",
        ({ last, begin }) =>
          TaskEither.fromTask(
            last === undefined ? newMap(collected, request, begin) : goneOn(collected, last),
          ),
      ),
      TaskEither.tap(({ drawn }) =>
        TaskEither.fromEither(
          drawn.placed === 0 ? Either.right(undefined) : collection.setMap(drawn.map, request.vectors),
        )
      ),
      // Only now, because what is known of all images takes memory that finding neighbours needs.
      TaskEither.bindW("all", () => TaskEither.fromEither(images())),
      TaskEither.map(({ all, drawn: { map: { points }, ...done } }): DrawnMap => ({
        ...done,
        vectors: collected.encoder.name,
        places: all.map((image, row) => ({ image, x: points[2 * row], y: points[2 * row + 1] })),
      })),
    );
  }, { write: true, least: 3 });
  // The collection is closed by now, so that its vectors take no memory beside the picture.
  return pipe(
    TaskEither.fromEither(named),
    TaskEither.flatMap(() => drawn),
    TaskEither.tap(({ places }) => picture === undefined ? TaskEither.right(undefined) : writePicture(places, picture)),
  );
}

/**
 * Draws a map of each encoder's vectors in turn. Each new map begins on the one before it, so that an image that the
 * encoders see alike stays about where it was.
 *
 * @param request The collection, and how new maps are laid out.
 * @returns Right the maps; left why there is none, or no further one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawMaps, renderRunError } from "@momentum-contrast/moco";
 *
 * const drawn = await drawMaps({ collection: "/no/epochs.moco" })();
 * assertEquals(
 *   drawn._tag === "Left" && renderRunError(drawn.left),
 *   "Cannot read /no/epochs.moco: no such file or folder",
 * );
 * ```
 */
export function drawMaps(
  request: Omit<MapRequest, "vectors" | "from" | "picture">,
): TaskEither<RunError, readonly DrawnMap[]> {
  return pipe(
    openCollection(resolve(request.collection)),
    TaskEither.flatMapEither((collection) => {
      const names = Either.map((encoders: readonly CollectionEncoder[]) => encoders.map(({ name }) => name))(
        collection.encoders(),
      );
      collection.close();
      return names;
    }),
    TaskEither.flatMap((names): TaskEither<RunError, readonly DrawnMap[]> =>
      TaskEither.traverseSeqArray(([place, vectors]: readonly [number, string]) =>
        drawMap({ ...request, vectors, ...place === 0 ? {} : { from: names[place - 1] } })
      )(names.entries().toArray())
    ),
  );
}

/** Whether an image with a vector is on a map. Where all of a map's images are gone, nothing can be placed beside them. */
function hasAnyOf({ ids }: CollectionMap, vectors: CollectionVectors): boolean {
  const mapped = new Set(ids);
  return vectors.ids.some((id) => mapped.has(id));
}

type Drawn = Pick<DrawnMap, "isNew" | "placed"> & { readonly map: CollectionMap };

/** Where the images are on the map of other vectors, NaN where they are not on it; left where there is no such map. */
function beginOn(
  { collection, vectors }: Collected,
  from: string | undefined,
): Either<RunError, Float32Array | undefined> {
  if (from === undefined) return Either.right(undefined);
  return Either.flatMap((map: CollectionMap | undefined): Either<RunError, Float32Array> => {
    if (map === undefined) return Either.left<NoMap>({ _tag: "NoMap", path: collection.path, name: from });
    const placeOf = new Map(map.ids.entries().map(([place, id]) => [id, place]));
    return Either.right(Float32Array.from(
      vectors.ids.values().toArray().flatMap((id) => {
        const place = placeOf.get(id);
        return place === undefined ? [NaN, NaN] : [map.points[2 * place], map.points[2 * place + 1]];
      }),
    ));
  })(collection.map(from));
}

function newMap(
  { vectors, reporter }: Collected,
  request: MapRequest,
  begin: Float32Array | undefined,
): () => Promise<Drawn> {
  const { minimum = 0.1, seed = 0, from } = request;
  const k = Math.min(request.k ?? 15, vectors.ids.length - 1);
  const settings = { method: "umap", k, minimum, seed, ...from === undefined ? {} : { from } };
  return async () => {
    const layout = { k, minimum, seed, ...begin === undefined ? {} : { begin } };
    const points = await umap(vectors, { ...layout, onProgress: reported(reporter) });
    reporter.end();
    return { isNew: true, placed: vectors.ids.length, map: { ids: vectors.ids, points, settings } };
  };
}

/** The last map with the images that are not on it yet. */
function goneOn({ vectors, reporter }: Collected, last: CollectionMap): () => Promise<Drawn> {
  const placeOf = new Map(last.ids.entries().map(([place, id]) => [id, place]));
  const rows = vectors.ids.keys().toArray();
  const there = rows.filter((row) => placeOf.has(vectors.ids[row]));
  const missing = rows.filter((row) => !placeOf.has(vectors.ids[row]));
  const points = new Float32Array(2 * rows.length);
  for (const row of there) {
    const place = placeOf.get(vectors.ids[row])!;
    points.set(last.points.subarray(2 * place, 2 * place + 2), 2 * row);
  }
  const map = { ids: vectors.ids, points, settings: last.settings };
  if (missing.length === 0) return () => Promise.resolve({ isNew: false, placed: 0, map });
  const coordinates = Float32Array.from(there.flatMap((row) => [points[2 * row], points[2 * row + 1]]));
  return async () => {
    const old = { vectors: vectorsAt(vectors, there), coordinates };
    const options = { ...optionsOf(last, there.length), onProgress: reported(reporter) };
    const found = await placeOnMap(vectorsAt(vectors, missing), old, options);
    reporter.end();
    missing.forEach((row, i) => points.set(found.subarray(2 * i, 2 * i + 2), 2 * row));
    return { isNew: false, placed: missing.length, map };
  };
}

/** How a map was laid out, as it says itself. */
function optionsOf({ settings }: CollectionMap, most: number): UmapOptions {
  const { k, minimum, seed } = isRecord(settings) ? settings : {};
  return {
    ...typeof k === "number" ? { k: Math.min(k, most) } : {},
    ...typeof minimum === "number" ? { minimum } : {},
    ...typeof seed === "number" ? { seed } : {},
  };
}

function reported(reporter: Reporter): NonNullable<UmapOptions["onProgress"]> {
  const names = { neighbours: "nearest neighbours", layout: "layout" };
  return (stage, share) => reporter.progress(`${names[stage]} ${Math.floor(100 * share)} %`);
}

/** Several maps for a table: how many images each has. */
export function mapsFindings(maps: readonly DrawnMap[]): Findings {
  return {
    title: "Maps",
    note: "Each new map began on the one before it.",
    columns: ["vectors", "new", "placed", "images"],
    rows: maps.map(({ vectors, isNew, placed, places }) => [vectors, isNew ? "yes" : "no", placed, places.length]),
    sheet: [],
  };
}

/** A map for a table. */
export function mapFindings({ isNew, placed, places }: DrawnMap): Findings {
  return {
    title: "Map",
    note: isNew
      ? `A new map of ${counted(placed, "image")}, saved in the collection.`
      : `${counted(placed, "image")} ${placed === 1 ? "was" : "were"} placed on the map that is there, which has ` +
        `${places.length.toLocaleString("en")} now. --again draws a new one.`,
    columns: ["id", "path", "label", "x", "y"],
    rows: places.map(({ image, x, y }) => [image.id, image.path, image.label ?? "", x, y]),
    sheet: [],
  };
}
