/**
 * Says what has been running for long. A step blocks its thread, so this is said by another one.
 *
 * @module
 */

/** Says every few seconds what is running, until it is told of something else or closed. */
export type SlowSteps = {
  /** What runs from now on: the beginning of a line. */
  readonly running: (what: string) => void;
  readonly close: () => void;
};

/** What the worker is told. */
export type Running = { readonly line: readonly [start: string, end: string] };

/**
 * Starts when it is first told what is running.
 *
 * @param start What a line begins with, such as what clears the line before.
 * @param end What it ends with.
 */
export function slowSteps(start: string, end: string): SlowSteps {
  let worker: Worker | undefined;
  return {
    running: (what) => {
      worker ??= startWorker();
      const message: Running = { line: [`${start}${what}`, end] };
      worker.postMessage(message);
    },
    close: () => {
      worker?.terminate();
      worker = undefined;
    },
  };
}

function startWorker(): Worker {
  const worker = new Worker(new URL("./slow_steps_worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => event.preventDefault()); // a training goes on without it
  return worker;
}
