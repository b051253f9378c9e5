import { Either, type TaskEither } from "../core/either.ts";
import type { UnreadableImage } from "../data/errors.ts";
import { UnusableImage } from "../data/unusable.ts";

/** A task whose images may turn out to be unusable while it works: the image that stops it comes back as a left. */
export function unusableAsLeft<E, A>(task: TaskEither<E, A>): TaskEither<E | UnreadableImage, A> {
  return async () => {
    try {
      return await task();
    } catch (thrown) {
      if (thrown instanceof UnusableImage) return Either.left({ _tag: "UnreadableImage", ...thrown.image });
      throw thrown;
    }
  };
}
