import { resolve } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { PartialConfig } from "../config/types.ts";
import type { RunError } from "./errors.ts";
import type { Note } from "./images.ts";
import { readForeign } from "./import_weights.ts";
import { openCheckpoint } from "./open.ts";

/** An encoder that is there already. */
export type Measurable =
  /** A run's folder, which stands for its newest whole checkpoint, or a checkpoint file. */
  | { readonly run: string }
  /** A file of another program's weights, as {@linkcode importWeights} reads it, or a checkpoint file. */
  | { readonly weights: string };

/**
 * The checkpoint of an encoder.
 *
 * @param from The encoder.
 * @param fields What the tensors of another program's file do not reveal.
 * @param note Receives messages about checkpoints that are passed over, and what is taken where a file does not say.
 */
export function checkpointOf(
  from: Measurable,
  fields: PartialConfig,
  note: Note,
): TaskEither<RunError, Checkpoint> {
  if ("run" in from) return openCheckpoint(resolve(from.run), note);
  return pipe(
    readForeign(resolve(from.weights), fields),
    TaskEither.map(({ checkpoint, assumed }) => {
      assumed.forEach(note);
      return checkpoint;
    }),
    TaskEither.orElse((error): TaskEither<RunError, Checkpoint> =>
      error._tag === "OwnCheckpoint" ? openCheckpoint(error.path, note) : TaskEither.left(error)
    ),
  );
}
