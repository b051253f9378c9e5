import { type EndingSignal, exitStatus, type Interrupt, listenForInterrupt } from "../train/interrupt.ts";
import { type Reporter, terminalReporter } from "../train/progress.ts";

/** Exit status after a signal stopped the training and it was saved: 128 plus the signal's number. */
export type Stopped = (typeof exitStatus)[EndingSignal];

/** Who is told of a training's progress, and who may stop it. */
export type Watched = {
  readonly reporter: Reporter;
  readonly interrupt: () => Interrupt;
  /** The exit status of a training that was stopped. */
  readonly status: () => Stopped;
};

/**
 * Listens for the signals that end programs, from now until a training has ended. Before its first step there is
 * nothing to save, so that a signal ends the program at once; from then on the training saves and stops.
 *
 * As the first process of a container, a program hears only the signals that it listens for.
 *
 * @param startedByTask Whether the parent is a task's shell, without which nobody waits for the program.
 */
export function watchSignals(startedByTask: boolean): Watched {
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
  // A task that was killed leaves its program without a parent. Other parents may end, as a shell does.
  const leftByTask = (): boolean => {
    if (!left && startedByTask && Deno.ppid !== parent) {
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
