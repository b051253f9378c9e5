/**
 * The terminal: everything that the program says goes through here, and what no terminal takes ends nothing.
 *
 * @module
 */
import { printable } from "../core/printable.ts";
import { reasonOf } from "../core/reason.ts";
import type { Interrupt } from "../train/interrupt.ts";
import { type Reporter, standardError, terminalReporter, writeAllSync } from "../train/progress.ts";
import { Failure, type Stopped } from "./failure.ts";
import { startedByTask } from "./shell.ts";

/** Says a line on standard error. It is lost where nobody reads it or the disk is full, and the program goes on. */
export function say(text: string): void {
  standardError.write(`${printable(text)}\n`);
}

/**
 * Prints a result on standard output. A reader who has seen enough may close it.
 *
 * @throws {Failure} if it cannot be written for any other reason, such as a full disk.
 */
export function print(text: string): void {
  try {
    writeAllSync(Deno.stdout, `${printable(text)}\n`);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.BrokenPipe) return;
    throw new Failure(`Cannot write to standard output: ${reasonOf(thrown)}`);
  }
}

/** What a training tells, and who may stop it. */
export type Watched = {
  readonly reporter: Reporter;
  readonly interrupt: () => Interrupt;
  /** The exit status of a training that was stopped. */
  readonly status: () => Stopped;
};

/**
 * Listens for the signals that end programs, from now until a training has ended. Before its first step there is nothing
 * to save, so that a signal ends the program at once; from then on the training saves and stops.
 *
 * As the first process of a container, a program hears only the signals that it listens for.
 */
export async function watchSignals(): Promise<Watched> {
  const { exitStatus, listenForInterrupt } = await import("../train/interrupt.ts");
  const reporter = terminalReporter();
  let status: Stopped = exitStatus.SIGINT;
  let trains = false;
  const stop = (signal: keyof typeof exitStatus) => {
    status = exitStatus[signal];
    if (!trains) Deno.exit(status);
    reporter.note("Finishing this step, then saving. Once more to stop at once.");
  };
  let listening: Interrupt | undefined = listenForInterrupt(stop);
  const parent = Deno.ppid;
  let left = false;
  // A task that was killed leaves its program without a parent. Other parents may go, as a shell does.
  const leftByTask = (): boolean => {
    if (!left && startedByTask() && Deno.ppid !== parent) {
      left = true;
      stop("SIGTERM");
    }
    return left;
  };
  return {
    reporter,
    status: () => status,
    interrupt: () => {
      const { requested, close } = listening ??= listenForInterrupt(stop);
      trains = true;
      return {
        requested: () => requested() || leftByTask(),
        close: () => {
          trains = false;
          listening = undefined;
          close();
        },
      };
    },
  };
}
