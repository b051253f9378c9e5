/**
 * The approximate index of a collection: two files beside it, which can be removed at any time and are built again
 * where they do not fit the vectors.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { partialPath, writeTextAtomic } from "../files/atomic.ts";
import { reading, writing } from "../files/attempt.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { type ApproximateIndex, buildIndex, digestOfIndex, type IndexAbout, loadIndex } from "../search/approximate.ts";
import type { Collected } from "./collected.ts";
import type { RunError } from "./errors.ts";
import type { NoIndex } from "./question_errors.ts";

/**
 * The index of a collection's vectors: the saved one if it was built from these vectors, otherwise a new one, which is
 * saved.
 */
export function indexBeside(
  { collection, vectors, encoder, reporter }: Collected,
): TaskEither<RunError, ApproximateIndex> {
  const path = `${collection.path}.${encoder.digest.slice(0, 8)}.usearch`;
  const about = `${path}.json`;
  return pipe(
    reading(about, () => Deno.readTextFile(about)),
    TaskEither.flatMapEither(aboutOf),
    TaskEither.filterOrElseW(({ digest }) => digest === digestOfIndex(vectors), () => undefined),
    TaskEither.flatMap((saved) => reading(path, () => loadIndex(path, vectors.dim, saved))),
    TaskEither.orElse(() => {
      reporter.note(`Building an index of ${vectors.ids.length} vectors: ${path}`);
      return pipe(
        TaskEither.tryCatch(
          () => buildIndex(vectors),
          (thrown): NoIndex => ({ _tag: "NoIndex", reason: reasonOf(thrown) }),
        ),
        TaskEither.tap((index): TaskEither<RunError, void> =>
          pipe(
            writing(path, async () => {
              index.save(partialPath(path));
              await Deno.rename(partialPath(path), path);
            }),
            TaskEither.flatMap(() => writeTextAtomic(about, JSON.stringify(recordOf(index)))),
          )
        ),
      );
    }),
  );
}

function recordOf({ digest, recall }: ApproximateIndex): IndexAbout {
  return { digest, recall };
}

/** What a file says of an index; left where it says nothing. */
function aboutOf(text: string): Either<undefined, IndexAbout> {
  const json = parseJson(text);
  if (Either.isLeft(json) || !isRecord(json.right)) return Either.left(undefined);
  const { digest, recall } = json.right;
  return typeof digest === "string" && typeof recall === "number"
    ? Either.right({ digest, recall })
    : Either.left(undefined);
}
