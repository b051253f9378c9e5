/**
 * Specs that fail for a cause outside of this project. Every name here must fail: the runner complains of one that
 * passes.
 */
export type KnownFailure = {
  /** One sentence: why, and what a user sees of it. */
  readonly cause: string;
  /** The specs' full names. */
  readonly specs: readonly string[];
};

/** None at present. */
export const knownFailures: readonly KnownFailure[] = [];
