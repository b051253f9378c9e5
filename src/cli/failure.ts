/**
 * How a command ends when it cannot do what was asked.
 *
 * @module
 */
import { Either, type TaskEither } from "../core/either.ts";
import { printableLine } from "../core/printable.ts";
import { TRY_AGAIN } from "../run/cluster/errors.ts";
import type { Stopped } from "../run/watch_signals.ts";
import { type ExperimentError, renderExperimentError } from "../experiment/errors.ts";
import { typed } from "./shell.ts";

/** Exit status: 1, it could not be done; 2, it was asked for wrongly; 75, try again; or of what was stopped. */
export type ExitCode = 1 | 2 | typeof TRY_AGAIN | Stopped;

/** A failure that is expected: its message is the whole of what the user is told. */
export class Failure extends Error {
  /**
   * @param message One clear message, with the way out where there is one.
   * @param exitCode The status that the program ends with.
   */
  constructor(message: string, readonly exitCode: ExitCode = 1) {
    super(message);
    this.name = "Failure";
  }
}

/** The value of a task, or a failure with the rendered error. */
export async function orFail<A>(task: TaskEither<ExperimentError, A>): Promise<A> {
  const result = await task();
  if (Either.isLeft(result)) throw new Failure(renderExperimentError(result.left), exitCodeOf(result.left));
  return result.right;
}

/** The end of a training that was asked to stop, with the command that goes on and the flags that it needs again. */
export function interrupted(
  command: "pretrain" | "finetune" | "demo",
  folder: string,
  step: number,
  checkpoint: string,
  status: Stopped,
  more: readonly string[] = [],
): Failure {
  return new Failure(
    `Stopped after step ${step} and saved ${printableLine(checkpoint)}. ` +
      `Go on with: ${typed(command, "--resume", "--out", folder, ...more)}`,
    status,
  );
}

/** 2 where the request itself is wrong, 1 where what it stands on is. */
function exitCodeOf(error: ExperimentError): ExitCode {
  switch (error._tag) {
    case "BadConfig": // one that was stored is what the request stands on
      return error.path === undefined ? 2 : 1;
    case "UnknownPreset":
    case "UnreadableConfig":
    case "UnknownCount":
    case "SmallBank":
    case "UnknownExperiment":
    case "UnknownLabel":
    case "UnknownFormat":
    case "BadCell":
    case "BadCluster":
    case "BadQuestion":
      return 2;
    case "MissingWorkers":
    case "Unjoined":
      return TRY_AGAIN;
    default:
      return 1;
  }
}

/** The message of any error, and whether it is one that the program expects (its message stands by itself). */
export function explain(error: unknown): { readonly message: string; readonly expected: boolean } {
  if (!(error instanceof Error)) return { message: String(error), expected: false };
  if (error instanceof Deno.errors.NotCapable) {
    const way = "Run it through `deno task moco`, or install it by `deno task install`.";
    return { message: `${error.message.split(",")[0]}. ${way}`, expected: true };
  }
  // "Cannot <verb> <thing>: expected X, found Y" is ours. JavaScript's own "Cannot read properties of" has no colon.
  const expected = error instanceof Failure || error.name === "EngineError" || /^Cannot [^]*:\s/.test(error.message) ||
    Object.values(Deno.errors).some((kind) => error instanceof kind);
  return { message: error.message, expected };
}
