import { Either } from "../../src/core/either.ts";

/** What a computation that should succeed gave. */
export function right<A>(either: Either<unknown, A>): A {
  if (Either.isLeft(either)) throw new Error(`expected a right, found left ${JSON.stringify(either.left)}`);
  return either.right;
}

/** The error of a computation that should fail. */
export function left<E>(either: Either<E, unknown>): E {
  if (Either.isRight(either)) throw new Error("expected a left, found a right");
  return either.left;
}
