import { Either, pipe, TaskEither } from "../core/either.ts";
import { percent } from "../core/percent.ts";
import type { Findings } from "../report/findings.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { AWAY, liking } from "../search/liking.ts";
import { createSearcher, type Neighbour } from "../search/nearest.ts";
import type { UnitVectors } from "../search/unit_vectors.ts";
import { type Collected, type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";
import type { NothingToBeLike } from "./question_errors.ts";
import { indexBeside } from "./index_beside.ts";
import type { Measurable } from "./measurable.ts";
import { type Example, queriesOf, type Query } from "./query_vectors.ts";

/** What {@linkcode search} is asked for. */
export type SearchRequest = InCollection & {
  /** What the images should be like: numbers of images in the collection, paths of images, or folders of images. */
  readonly like: readonly Example[];
  /** What they should not be like. Default: nothing. */
  readonly notLike?: readonly Example[];
  /** The weight of what they should not be like, at least 0. Default 0.5. */
  readonly away?: number;
  /** Whether each image is searched for by itself. Default false: for the mean of all. */
  readonly each?: boolean;
  /** How many images are wanted. Default 10. */
  readonly count?: number;
  /** The encoder for images that are not in the collection. Default: the checkpoint that the collection names. */
  readonly encoder?: Measurable;
  /**
   * An approximate index to search with, which is built and saved beside the collection. Default: the search is exact.
   */
  readonly index?: "usearch";
};

/** An image that was found. */
export type FoundImage = {
  readonly image: CollectionImage;
  /** Its cosine similarity to the query, in [-1, 1]. */
  readonly similarity: number;
};

/** What {@linkcode search} found. */
export type Searched = {
  /** One query, or one for each image that is searched for by itself. */
  readonly queries: readonly { readonly name: string; readonly found: readonly FoundImage[] }[];
  /** The share of the exact neighbours that the index finds; absent for an exact search. */
  readonly recall?: number;
};

/**
 * Finds the images of a collection that are most like some images, and not like others.
 *
 * The search is exact unless an index is asked for. Images of the collection that are searched by are left out.
 *
 * @param request The collection, the images to be like, and how many are wanted.
 * @returns Right the images, the most similar first; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderRunError, search } from "@momentum-contrast/moco";
 *
 * const found = await search({ collection: "/no/photos.moco", like: ["cat.jpg"], notLike: [17] })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function search(request: SearchRequest): TaskEither<RunError, Searched> {
  const { like, notLike = [], away = AWAY, each = false, count = 10, encoder, index } = request;
  return inCollection(request, (collected) => {
    const { vectors, images } = collected;
    return pipe(
      queriesOf(collected, like, encoder),
      TaskEither.map((these) => ({ these })),
      TaskEither.bindW("those", () => queriesOf(collected, notLike, encoder)),
      TaskEither.bindW("asked", ({ these, those }) =>
        TaskEither.fromEither(Either.tryCatch(
          () => (each ? these.map((query) => [query]) : [these]).map((one) => asking(one, those, vectors.dim, away)),
          (): NothingToBeLike => ({ _tag: "NothingToBeLike" }),
        ))),
      TaskEither.bindW("search", () => searcherOf(collected, index)),
      TaskEither.flatMapEither(({ asked, these, those, search: { find, recall } }) => {
        const left = new Set([...these, ...those].flatMap(({ row }) => row ?? []));
        const width = Math.min(count + left.size, vectors.ids.length);
        const rows = find(packed(asked.map(({ vector }) => vector)), width)
          .map((found) => found.filter((neighbour) => !left.has(neighbour.index)).slice(0, count));
        return pipe(
          rows,
          Either.traverseArray((found) =>
            pipe(
              images(found.map((neighbour) => neighbour.index)),
              Either.map((all) => all.map((image, i): FoundImage => ({ image, similarity: found[i].similarity }))),
            )
          ),
          Either.map((found): Searched => ({
            queries: asked.map(({ name }, i) => ({ name, found: found[i] })),
            ...recall === undefined ? {} : { recall },
          })),
        );
      }),
    );
  });
}

type Asked = { readonly name: string; readonly vector: Float32Array };

/** One query from the images to be like, and the images not to be like. */
function asking(these: readonly Query[], those: readonly Query[], dim: number, away: number): Asked {
  const vectors = (queries: readonly Query[]): UnitVectors => ({ ...packed(queries.map(({ vector }) => vector)), dim });
  const name = these.length === 1 ? these[0].name : `the mean of ${these.length} images`;
  return {
    name: those.length === 0
      ? name
      : `${name}, away from ${those.length === 1 ? those[0].name : `${those.length} images`}`,
    vector: liking(vectors(these), vectors(those), away).values,
  };
}

/** Vectors one after another. */
function packed(vectors: readonly Float32Array[]): UnitVectors {
  const dim = vectors[0]?.length ?? 0;
  const values = new Float32Array(vectors.length * dim);
  vectors.forEach((vector, i) => values.set(vector, i * dim));
  return { values, dim };
}

type Searcher = {
  readonly find: (queries: UnitVectors, k: number) => readonly (readonly Neighbour[])[];
  readonly recall?: number;
};

function searcherOf(collected: Collected, index: SearchRequest["index"]): TaskEither<RunError, Searcher> {
  if (index === undefined) {
    return TaskEither.right({ find: (queries, k) => exactly(collected.vectors, queries, k) });
  }
  return pipe(indexBeside(collected), TaskEither.map(({ search, recall }): Searcher => ({ find: search, recall })));
}

function exactly(vectors: UnitVectors, queries: UnitVectors, k: number): readonly (readonly Neighbour[])[] {
  const searcher = createSearcher(vectors);
  try {
    return searcher.nearest(queries, k);
  } finally {
    searcher.close();
  }
}

/** Findings of a search, for a table and a contact sheet. */
export function searchFindings({ queries, recall }: Searched): Findings {
  const several = queries.length > 1;
  const how = recall === undefined
    ? "The search was exact."
    : `The search was approximate: its index finds ${percent(recall)} of the 10 nearest images.`;
  return {
    title: several ? `Most like each of ${queries.length} images` : `Most like ${queries[0]?.name}`,
    note: how,
    columns: [...several ? ["query"] : [], "similarity", "id", "path", "label"],
    rows: queries.flatMap(({ name, found }) =>
      found.map(({ image, similarity }) => [
        ...[...several ? [name] : [], similarity, image.id, image.file ?? image.path, image.label ?? ""],
      ])
    ),
    sheet: queries.map(({ name, found }) => ({
      title: name,
      images: found.map(({ image, similarity }) => ({
        id: image.id,
        caption: `${similarity.toFixed(3)} · ${image.label ?? image.path}`,
      })),
    })),
  };
}
