import { Either, pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import type { Findings } from "../report/findings.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { kMeans } from "../search/k_means.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";

/** What {@linkcode clusters} is asked for. */
export type ClustersRequest = InCollection & {
  /** The most clusters. Default 20. There are no more than images that differ. */
  readonly count?: number;
  /** The same seed gives the same clusters. Default 0. */
  readonly seed?: number;
};

/** Images that lie together. */
export type ImageCluster = {
  /** How many images. */
  readonly size: number;
  /** The mean cosine similarity of its images to its centre. */
  readonly similarity: number;
  /** The images that are nearest to its centre, at most ten. */
  readonly central: readonly CollectionImage[];
  /** The label that most of its images have, and their share; absent if none has a label. */
  readonly label?: { readonly name: string; readonly share: number };
};

/** Images of a cluster that are shown. */
const SHOWN = 10;

/**
 * Divides the images of a collection into clusters by spherical k-means, and saves them in the collection.
 *
 * @param request The collection, the number of clusters, the seed.
 * @returns Right the clusters, the largest first; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusters, renderRunError } from "@momentum-contrast/moco";
 *
 * const found = await clusters({ collection: "/no/photos.moco", count: 10 })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function clusters(request: ClustersRequest): TaskEither<RunError, readonly ImageCluster[]> {
  return inCollection(request, ({ collection, vectors, images }) => {
    const { seed = 0 } = request;
    const count = Math.min(request.count ?? 20, vectors.ids.length);
    const { assigned, similarities } = kMeans(vectors, count, { seed });
    const settings = { method: "spherical k-means", count, seed };
    return TaskEither.fromEither(pipe(
      collection.setClusters({ ids: vectors.ids, clusters: assigned, settings }, request.vectors),
      Either.flatMap(() => images(vectors.ids.keys().toArray())),
      Either.map((all) =>
        // Fewer clusters than were asked for have images where images are the same. They are the first.
        Array.from({ length: new Set(assigned).size }, (_, cluster): ImageCluster => {
          const rows = assigned.keys().toArray().filter((row) => assigned[row] === cluster);
          const central = rows.toSorted((a, b) => similarities[b] - similarities[a] || a - b);
          return {
            size: rows.length,
            similarity: rows.reduce((sum, row) => sum + similarities[row], 0) / rows.length,
            central: central.slice(0, SHOWN).map((row) => all[row]),
            ...mostCommon(rows.flatMap((row) => all[row].label ?? []), rows.length),
          };
        })
      ),
    ));
  }, { write: true });
}

function mostCommon(labels: readonly string[], size: number): Pick<ImageCluster, "label"> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most === undefined ? {} : { label: { name: most[0], share: most[1] / size } };
}

/** Clusters for a table and a contact sheet. */
export function clusterFindings(found: readonly ImageCluster[]): Findings {
  const labelled = found.some(({ label }) => label !== undefined);
  return {
    title: "Clusters",
    note: `${counted(found.length, "cluster")}, saved in the collection. ` +
      "Similarity is the mean to the centre of the cluster.",
    columns: ["cluster", "images", "similarity", "central", "central path", ...labelled ? ["label", "share"] : []],
    rows: found.map(({ size, similarity, central, label }, number) => [
      ...[number, size, similarity, central[0].id, central[0].path],
      ...labelled ? [label?.name ?? "", label?.share ?? ""] : [],
    ]),
    sheet: found.map(({ size, central, label }, number) => ({
      title: `Cluster ${number}: ${counted(size, "image")}${
        label === undefined ? "" : `, ${Math.round(100 * label.share)} % ${label.name}`
      }`,
      images: central.map((image) => ({ id: image.id, caption: image.label ?? image.path })),
    })),
  };
}
