/**
 * fp-ts's two types that functions of files and configurations answer with, written out: every function of fp-ts takes
 * and returns them.
 *
 * @module
 */

/** A failure on the left, or a result on the right. */
export type Either<E, A> =
  | { readonly _tag: "Left"; readonly left: E }
  | { readonly _tag: "Right"; readonly right: A };

/** An effect that, when called, ends in a failure or a result, and does not reject. */
export type TaskEither<E, A> = () => Promise<Either<E, A>>;
