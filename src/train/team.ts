import type { TaskEither } from "../core/either.ts";
import type { Json } from "../files/json.ts";
import type { TrainingError } from "./errors.ts";

/** The processes that train together, as one of them sees them. */
export type Team = {
  /** The place of this process, from 0. The first one writes what there is to write. */
  readonly rank: number;
  /**
   * Waits until all are about to take their first step, and compares what they begin with; left if they differ, or not
   * all come.
   */
  readonly meet: (beginning: Readonly<Record<string, Json>>) => TaskEither<TrainingError, void>;
  /** Whether any process was asked to stop. Every process asks after each step, and all get the same answer. */
  readonly anyone: (asked: boolean) => boolean;
  /**
   * Why something that all compute together failed in this process: which others are missing. It throws what was thrown
   * if none is.
   */
  readonly missing: (thrown: unknown) => Promise<TrainingError>;
};
