import type { TaskEither } from "../core/either.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Json } from "../files/json.ts";
import type { TrainingError } from "./errors.ts";

/** What a process wants to be done after a step. */
export type Asked = {
  /** Whether the training is to end. */
  readonly stop: boolean;
  /** Whether the state is to be saved. */
  readonly save: boolean;
};

/** The processes that train together, as one of them sees them. */
export type Team = {
  /** The place of this process, from 0. The first one writes what there is to write. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /**
   * Waits until all are about to take their first step, and compares what they begin with; left if they differ, or not
   * all come. They can meet again before something else that they begin.
   */
  readonly meet: (beginning: Readonly<Record<string, Json>>) => TaskEither<TrainingError, void>;
  /** What any process wants to be done. Every process asks after each step, and all get the same answer. */
  readonly agree: (asked: Asked) => Asked;
  /**
   * A whole table of which each process has a part: see `rowsAt` of {@linkcode Devices}. Every process takes part.
   *
   * @param table The rows of this process, float32 or bool.
   * @param images How many rows the whole table has.
   * @returns The bytes of the whole table for the first process, which saves them; none for the others.
   */
  readonly collect: (table: Tensor, images: number) => Uint8Array<ArrayBuffer>;
  /**
   * Why something that all compute together failed in this process: which others are missing. It throws what was thrown
   * if none is.
   */
  readonly missing: (thrown: unknown) => Promise<TrainingError>;
};
