import { pipe, TaskEither } from "../core/either.ts";
import { printableLine } from "../core/printable.ts";
import { counted } from "../core/counted.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { closeGroups, neighboursAround } from "../search/close_pairs.ts";
import { DUPLICATES_WITHIN } from "../search/defaults.ts";
import { duplicateGroups } from "../search/duplicates.ts";
import { neighbourGraph } from "../search/neighbour_graph.ts";
import { countOf, similarityOf, type UnitVectors } from "../search/unit_vectors.ts";
import type { Reporter } from "../train/progress.ts";
import type { Findings } from "../report/findings.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";
import type { Note } from "./images.ts";
import { sharpnessOf } from "./pictures.ts";

/** Which image of a group is kept: the one with the most pixels, the sharpest, or the one that came first. */
export type Keep = "largest" | "sharpest" | "first";

/** When two images count as duplicates. */
export type Alikeness = {
  /** The share of the distance around two images that may lie between them, in (0, 1). Default 0.6. */
  readonly within?: number;
  /** In place of that, the least cosine similarity, in (-1, 1]. Which one means a duplicate depends on the encoder. */
  readonly threshold?: number;
};

/** What {@linkcode duplicates} is asked for. */
export type DuplicatesRequest = InCollection & Alikeness & {
  /** Which image of a group is kept. Default "largest". */
  readonly keep?: Keep;
};

/** Images that are nearly the same. */
export type DuplicateGroup = {
  /** The one to keep. */
  readonly keep: CollectionImage;
  /** The others, with their cosine similarity to it. A chain of images may join one that is less similar to it. */
  readonly others: readonly { readonly image: CollectionImage; readonly similarity: number }[];
};

/** What {@linkcode duplicates} found. */
export type Duplicates = Alikeness & {
  /** The largest group first. */
  readonly groups: readonly DuplicateGroup[];
};

/**
 * Finds near duplicates in a collection, and says which image of each group to keep. Nothing is deleted.
 *
 * Images of a group are joined by pairs that are much nearer to each other than to their tenth nearest images (of fewer
 * than 100 images, to the nearest tenth), or whose cosine similarity is at least the threshold. Of images with equally
 * many pixels, or equally sharp ones, the larger file is kept, and then the one that came first.
 *
 * @param request The collection, when two images are duplicates, and which one is kept.
 * @returns Right the groups; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { duplicates, renderRunError } from "@momentum-contrast/moco";
 *
 * const found = await duplicates({ collection: "/no/photos.moco", within: 0.5 })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function duplicates(request: DuplicatesRequest): TaskEither<RunError, Duplicates> {
  const { threshold, within = DUPLICATES_WITHIN, keep = "largest" } = request;
  const alikeness = threshold === undefined ? { within } : { threshold };
  return inCollection(request, ({ collection, vectors, images, reporter }) =>
    pipe(
      TaskEither.fromTask(() => groupsOf(vectors, alikeness, reporter)),
      TaskEither.map((groups) => ({ groups, rows: groups.flat() })),
      TaskEither.bindW("all", ({ rows }) => TaskEither.fromEither(images(rows))),
      TaskEither.bindW(
        "sharp",
        ({ all }) =>
          keep === "sharpest"
            ? sharpnessOf(collection, all, reporter.note)
            : TaskEither.right<RunError, ReadonlyMap<number, number>>(new Map()),
      ),
      TaskEither.map(({ groups, rows, all, sharp }): Duplicates => {
        const imageAt = new Map(rows.map((row, i) => [row, all[i]]));
        const better = comparison(keep, sharp);
        const planned = groups.map((group): DuplicateGroup => {
          const [kept, ...others] = group.toSorted((a, b) => better(imageAt.get(a)!, imageAt.get(b)!));
          return {
            keep: imageAt.get(kept)!,
            others: others
              .map((row) => ({ image: imageAt.get(row)!, similarity: similarityOf(vectors, kept, row) }))
              .toSorted((a, b) => b.similarity - a.similarity),
          };
        });
        return { ...alikeness, groups: planned.toSorted((a, b) => b.others.length - a.others.length) };
      }),
    ));
}

/** The rows of the images of each group. */
async function groupsOf(
  vectors: UnitVectors,
  { threshold, within = DUPLICATES_WITHIN }: Alikeness,
  reporter: Reporter,
): Promise<readonly (readonly number[])[]> {
  const onProgress = (done: number, count: number) =>
    reporter.progress(`nearest neighbours ${Math.floor(100 * done / count)} %`);
  try {
    if (threshold !== undefined) return duplicateGroups(vectors, threshold, { onProgress });
    const count = countOf(vectors);
    if (count < 2) return [];
    return closeGroups(await neighbourGraph(vectors, neighboursAround(count), { onProgress }), within);
  } finally {
    reporter.end();
  }
}

type Comparison = (a: CollectionImage, b: CollectionImage) => number;

/** Sorts the image to keep to the front. */
function comparison(keep: Keep, sharp: ReadonlyMap<number, number>): Comparison {
  const pixels: Comparison = (a, b) => b.width * b.height - a.width * a.height;
  const sharpness: Comparison = (a, b) => (sharp.get(b.id) ?? 0) - (sharp.get(a.id) ?? 0);
  const bytes: Comparison = (a, b) => b.bytes - a.bytes;
  const order: Comparison = (a, b) => a.id - b.id;
  const by = { largest: [pixels, bytes], sharpest: [sharpness, bytes], first: [] }[keep];
  return (a, b) => [...by, order].reduce((sign, compare) => sign === 0 ? compare(a, b) : sign, 0);
}

/** Duplicates for a table and a contact sheet. */
export function duplicateFindings({ threshold, within, groups }: Duplicates): Findings {
  const alike = threshold === undefined
    ? `at most ${within} times as far from each other as from what is around them`
    : `alike by a cosine similarity of ${threshold} or more`;
  const others = groups.reduce((sum, group) => sum + group.others.length, 0);
  const plan = (group: DuplicateGroup) => [
    { image: group.keep, similarity: 1, plan: "keep" },
    ...group.others.map((other) => ({ ...other, plan: "duplicate" })),
  ];
  return {
    title: "Near duplicates",
    note: groups.length === 0
      ? `No two images are ${alike}.`
      : `${counted(groups.length, "group")} of images that are ${alike}, with ${counted(others, "image")} not to be ` +
        "kept. Nothing was deleted.",
    columns: ["group", "plan", "similarity", "id", "path", "width", "height", "bytes"],
    rows: groups.flatMap((group, number) =>
      plan(group).map(({ image, similarity, plan }) => [
        ...[number + 1, plan, similarity, image.id, image.file ?? image.path, image.width, image.height, image.bytes],
      ])
    ),
    sheet: groups.map((group, number) => ({
      title: `Group ${number + 1}`,
      images: plan(group).map(({ image, similarity, plan }) => ({
        id: image.id,
        caption: `${
          plan === "keep" ? "keep" : similarity.toFixed(3)
        } · ${image.path} · ${image.width} × ${image.height}`,
      })),
    })),
  };
}

/**
 * Writes the files that are not to be kept into a list, one a line, for a program of the user's that may delete them.
 * A file whose name breaks a line is left out, because each part of its name would be taken for that of another file.
 *
 * @param found The duplicates.
 * @param path The list.
 * @param note Receives a message about files that are left out. Default: nobody is told.
 * @returns Right nothing; left why the list could not be written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeDuplicateList } from "@momentum-contrast/moco";
 *
 * const path = await Deno.makeTempFile();
 * await writeDuplicateList({ groups: [] }, path)();
 * assertEquals(await Deno.readTextFile(path), "");
 * ```
 */
export function writeDuplicateList(
  { groups }: Duplicates,
  path: string,
  note: Note = () => {},
): TaskEither<UnwritableFile, void> {
  const files = groups.flatMap(({ others }) => others.map(({ image }) => image.file ?? image.path));
  const [broken, whole] = [true, false].map((breaks) => files.filter((file) => /[\r\n]/.test(file) === breaks));
  if (broken.length > 0) {
    const left = counted(broken.length, "file");
    note(`Left out of ${path}: ${left} with a line break in the name, for example ${printableLine(broken[0])}`);
  }
  return writeTextAtomic(path, whole.map((file) => `${file}\n`).join(""));
}
