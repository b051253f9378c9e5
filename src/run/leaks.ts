import { pipe, TaskEither } from "../core/either.ts";
import { counted } from "../core/counted.ts";
import type { Findings } from "../report/findings.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import { findLeaks } from "../search/leaks.ts";
import { vectorsAt } from "../search/unit_vectors.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";
import type { OneHalf } from "./question_errors.ts";

/** What {@linkcode leaks} is asked for. */
export type LeaksRequest = InCollection & {
  /** The least cosine similarity of a test image to a training image, in (-1, 1]. Default 0.95. */
  readonly threshold?: number;
};

/** A test image that the training images nearly contain. */
export type LeakedImage = {
  readonly test: CollectionImage;
  /** The training image that is nearest to it. */
  readonly train: CollectionImage;
  /** Their cosine similarity. */
  readonly similarity: number;
};

/**
 * The test images of a collection that are near duplicates of training images, the most similar first. An accuracy that
 * is measured on them is too good.
 *
 * @param request The collection and the threshold.
 * @returns Right the images; left why there are none, for example because the collection has no test images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { leaks, renderRunError } from "@momentum-contrast/moco";
 *
 * const found = await leaks({ collection: "/no/photos.moco" })();
 * assertEquals(
 *   found._tag === "Left" && renderRunError(found.left),
 *   "Cannot read /no/photos.moco: no such file or folder",
 * );
 * ```
 */
export function leaks(request: LeaksRequest): TaskEither<RunError, readonly LeakedImage[]> {
  return inCollection(request, ({ collection, vectors, images }) =>
    pipe(
      TaskEither.fromEither(images(vectors.ids.keys().toArray())),
      TaskEither.flatMap((all): TaskEither<RunError, readonly LeakedImage[]> => {
        const rowsOf = (half: CollectionImage["split"]) =>
          all.keys().toArray().filter((row) => all[row].split === half);
        const [test, train] = [rowsOf("test"), rowsOf("train")];
        if (test.length === 0 || train.length === 0) {
          const missing = test.length === 0 ? "test" : "train";
          return TaskEither.left<OneHalf>({ _tag: "OneHalf", path: collection.path, missing });
        }
        const found = findLeaks(vectorsAt(vectors, test), vectorsAt(vectors, train), request.threshold ?? 0.95);
        return TaskEither.right(
          found.map((leak) => ({ ...leak, test: all[test[leak.test]], train: all[train[leak.train]] })),
        );
      }),
    ));
}

/** Leaks for a table and a contact sheet. */
export function leakFindings(found: readonly LeakedImage[]): Findings {
  return {
    title: "Leaks",
    note: found.length === 0
      ? "No test image is that similar to a training image."
      : `Found ${counted(found.length, "test image")} with a near duplicate among the training images.`,
    columns: ["similarity", "test", "test path", "test label", "train", "train path", "train label"],
    rows: found.map(({ test, train, similarity }) => [
      ...[similarity, test.id, test.path, test.label ?? "", train.id, train.path, train.label ?? ""],
    ]),
    sheet: found.map(({ test, train, similarity }) => ({
      title: `Similarity ${similarity.toFixed(3)}`,
      images: [{ id: test.id, caption: `test · ${test.path}` }, { id: train.id, caption: `train · ${train.path}` }],
    })),
  };
}
