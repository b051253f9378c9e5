import { Either, pipe } from "../../../core/either.ts";
import type { Answer, Collection } from "../collection.ts";
import type { CollectionImage, CollectionVectors } from "../types.ts";
import { unlike } from "./unlike.ts";

/** A column of what a collection gives to other programs. */
export type Field = {
  readonly name: string;
  readonly kind: "text" | "integer" | "number";
  /** Its value in a row; undefined where nothing is known. */
  readonly at: (row: number) => string | number | undefined;
};

/** What a collection gives to other programs: a row for each image that has a vector, in the order of the vectors. */
export type ExportTable = { readonly fields: readonly Field[]; readonly vectors: CollectionVectors };

/**
 * The table of a collection: what is known of each image, its place on the map and its cluster if there are any, the
 * columns that were joined, and its vector. A joined column that is called like another one gets "column." before its
 * name. Tags stand in one cell, with semicolons between them.
 *
 * @param collection The collection.
 * @param encoder The name of the vectors; without it, the only ones.
 */
export function exportTable(collection: Collection, encoder?: string): Answer<ExportTable> {
  return pipe(
    collection.vectors(encoder),
    Either.map((vectors) => ({ vectors })),
    Either.bindW("images", ({ vectors }) => collection.images(vectors.ids)),
    Either.bindW("columns", () => collection.columns()),
    Either.bindW("map", () => collection.map(encoder)),
    Either.bindW("clusters", () => collection.clusters(encoder)),
    Either.map(({ vectors, images, columns, map, clusters }): ExportTable => {
      const pointOf = rowsById(map?.ids);
      const clusterOf = rowsById(clusters?.ids);
      const ours: readonly Field[] = [
        ...aboutImages.map(({ name, kind, of }): Field => ({ name, kind, at: (row) => of(images[row]) })),
        ...map === undefined ? [] : ["x", "y"].map((name, axis): Field => ({
          ...{ name, kind: "number" },
          at: (row) => map.points[2 * (pointOf.get(vectors.ids[row]) ?? NaN) + axis],
        })),
        ...clusters === undefined ? [] : [{
          ...{ name: "cluster", kind: "integer" } as const,
          at: (row: number) => clusters.clusters[clusterOf.get(vectors.ids[row]) ?? NaN],
        }],
      ];
      const numbers = Array.from({ length: vectors.dim }, (_, place) => numberName(place));
      const taken = new Set([...ours.map(({ name }) => name), "vector", ...numbers]);
      const joined = columns.map(({ name, kind }): Field => ({
        ...{ name: unlike(taken, name), kind },
        at: (row) => images[row].columns[name],
      }));
      return { fields: [...ours, ...joined], vectors };
    }),
  );
}

/** What is known of every image. */
const aboutImages: readonly {
  readonly name: string;
  readonly kind: Field["kind"];
  readonly of: (image: CollectionImage) => string | number | undefined;
}[] = [
  { name: "id", kind: "integer", of: ({ id }) => id },
  { name: "path", kind: "text", of: ({ path }) => path },
  { name: "file", kind: "text", of: ({ file }) => file },
  { name: "label", kind: "text", of: ({ label }) => label },
  { name: "split", kind: "text", of: ({ split }) => split },
  { name: "width", kind: "integer", of: ({ width }) => width },
  { name: "height", kind: "integer", of: ({ height }) => height },
  { name: "bytes", kind: "number", of: ({ bytes }) => bytes },
  { name: "modified", kind: "number", of: ({ modified }) => modified },
  { name: "digest", kind: "text", of: ({ digest }) => digest },
  { name: "tags", kind: "text", of: ({ tags }) => tags.length === 0 ? undefined : tags.join(";") },
];

/** The name of a number of the vectors, where each has a column of its own. */
export function numberName(place: number): string {
  return `v${place}`;
}

function rowsById(ids: Int32Array = new Int32Array()): ReadonlyMap<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}
