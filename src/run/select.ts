import { Either, pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import type { Findings } from "../report/findings.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { selectSpread } from "../search/select_spread.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";

/** What {@linkcode select} is asked for. */
export type SelectRequest = InCollection & {
  /** How many images. */
  readonly count: number;
  /**
   * Whether images that have a label count as selected already, so that the new ones are unlike them. Default false.
   */
  readonly besidesLabelled?: boolean;
  /** The name under which the selection is saved in the collection. Default: it is not saved. */
  readonly saveAs?: string;
};

/** An image that was selected. */
export type SelectedImage = {
  readonly image: CollectionImage;
  /** After this selection, the cosine similarity of the image that is covered worst to the nearest selected one. */
  readonly cover: number;
};

/**
 * A diverse subset of a collection, for labelling: each image is the one that is least like those selected before it.
 *
 * @param request The collection, how many images, and what counts as selected already.
 * @returns Right the images, in the order in which they were selected; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderRunError, select } from "@momentum-contrast/moco";
 *
 * const found = await select({ collection: "/no/photos.moco", count: 500 })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function select(request: SelectRequest): TaskEither<RunError, readonly SelectedImage[]> {
  const { count, besidesLabelled = false, saveAs } = request;
  return inCollection(request, ({ collection, vectors, images }) =>
    TaskEither.fromEither(pipe(
      besidesLabelled ? images(vectors.ids.keys().toArray()) : Either.right([]),
      Either.map((all) => all.keys().toArray().filter((row) => all[row].label !== undefined)),
      Either.flatMap((among) => {
        const { path } = collection;
        const [least, found] = [count + among.length, vectors.ids.length];
        if (found < least) return Either.left<RunError>({ _tag: "TooFewVectors", path, least, found });
        const { rows, cover } = selectSpread(vectors, count, { among });
        const save = saveAs === undefined
          ? Either.right(undefined)
          : collection.select(rows.map((row) => vectors.ids[row]), saveAs);
        return pipe(
          save,
          Either.flatMap(() => images(rows)),
          Either.map((selected) => selected.map((image, i): SelectedImage => ({ image, cover: cover[i] }))),
        );
      }),
    )), { write: saveAs !== undefined });
}

/** A selection for a table and a contact sheet. */
export function selectFindings(selected: readonly SelectedImage[]): Findings {
  const last = selected.at(-1)!;
  return {
    title: "Selection",
    note: `Selected ${counted(selected.length, "image")}, each the least like those before it. Every image has a ` +
      `cosine similarity of ${last.cover.toFixed(3)} or more to one of them.`,
    columns: ["order", "id", "path", "label", "cover"],
    rows: selected.map(({ image, cover }, i) => [i + 1, image.id, image.file ?? image.path, image.label ?? "", cover]),
    sheet: [{
      title: "In the order in which they were selected",
      images: selected.map(({ image }, i) => ({ id: image.id, caption: `${i + 1} · ${image.label ?? image.path}` })),
    }],
  };
}
