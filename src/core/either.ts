/**
 * The two fp-ts types that reading files and configurations returns, together with fp-ts's functions for them:
 * `Either<E, A>` is the type, and `Either.map` is a function of fp-ts.
 *
 * The types are written out, because fp-ts's own would be foreign names in the signatures of the public API. Every
 * function of fp-ts accepts them.
 *
 * @module
 */
import { Either as eithers, TaskEither as taskEithers } from "../dependencies/fp_ts.ts";

export { pipe } from "../dependencies/fp_ts.ts";

/** A failure on the left, or a result on the right. */
export type Either<E, A> =
  | { readonly _tag: "Left"; readonly left: E }
  | { readonly _tag: "Right"; readonly right: A };

/** fp-ts's functions of {@linkcode Either}. */
export const Either: typeof eithers = eithers;

/** An effect that, when called, ends in a failure or a result, and does not reject. */
export type TaskEither<E, A> = () => Promise<Either<E, A>>;

/** fp-ts's functions of {@linkcode TaskEither}. */
export const TaskEither: typeof taskEithers = taskEithers;
