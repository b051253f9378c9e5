import { Either, pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import type { Findings } from "../report/findings.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { OUTLIER_NEIGHBOURS } from "../search/defaults.ts";
import { type NeighbourGraph, neighbourGraph } from "../search/neighbour_graph.ts";
import { neighbourDistances } from "../search/outliers.ts";
import type { UnitVectors } from "../search/unit_vectors.ts";
import type { Reporter } from "../train/progress.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";

/** What {@linkcode outliers} is asked for. */
export type OutliersRequest = InCollection & {
  /** How many images are wanted. Default 50, or all. */
  readonly count?: number;
  /** The neighbours that an image is compared with. Default 20, or all others. */
  readonly k?: number;
};

/** An image that is unlike the others. */
export type Outlier = {
  readonly image: CollectionImage;
  /** The mean Euclidean distance of its unit vector to those of its nearest images, in [0, 2]. */
  readonly distance: number;
  /** The image that is nearest to it. */
  readonly nearest: CollectionImage;
};

/**
 * The images of a collection that are least like those nearest to them, the least like first.
 *
 * @param request The collection, how many images, and the neighbours of each.
 * @returns Right the images; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { outliers, renderRunError } from "@momentum-contrast/moco";
 *
 * const found = await outliers({ collection: "/no/photos.moco" })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function outliers(request: OutliersRequest): TaskEither<RunError, readonly Outlier[]> {
  return inCollection(request, ({ vectors, images, reporter }) => {
    const size = vectors.ids.length;
    const k = Math.min(request.k ?? OUTLIER_NEIGHBOURS, size - 1);
    return pipe(
      TaskEither.fromTask(graphReported(vectors, k, reporter)),
      TaskEither.flatMapEither((graph) => {
        const distances = neighbourDistances(graph);
        const rows = distances.keys().toArray().sort((a, b) => distances[b] - distances[a] || a - b)
          .slice(0, request.count ?? 50);
        return pipe(
          images(rows.flatMap((row) => [row, graph.rows[row * k]])),
          Either.map((found) =>
            rows.map((row, i): Outlier => ({
              image: found[2 * i],
              distance: distances[row],
              nearest: found[2 * i + 1],
            }))
          ),
        );
      }),
    );
  }, { least: 2 });
}

function graphReported(vectors: UnitVectors, k: number, reporter: Reporter): () => Promise<NeighbourGraph> {
  return async () => {
    const onProgress = (done: number, count: number) => reporter.progress(`neighbours of ${done}/${count} images`);
    const graph = await neighbourGraph(vectors, k, { onProgress });
    reporter.end();
    return graph;
  };
}

/** Outliers for a table and a contact sheet. */
export function outlierFindings(found: readonly Outlier[]): Findings {
  return {
    title: "Outliers",
    note:
      `Found ${counted(found.length, "image")}, the furthest first from the images nearest to it: the mean distance ` +
      "of unit vectors, and its inverse, the typicality.",
    columns: ["distance", "typicality", "id", "path", "label", "nearest", "nearest path"],
    rows: found.map(({ image, distance, nearest }) => [
      ...[distance, 1 / distance, image.id, image.path, image.label ?? "", nearest.id, nearest.path],
    ]),
    sheet: [{
      title: "The least typical first",
      images: found.map(({ image, distance }) => ({
        id: image.id,
        caption: `${distance.toFixed(3)} · ${image.label ?? image.path}`,
      })),
    }],
  };
}
