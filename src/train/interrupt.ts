/**
 * The signals that ask a program to end: the first one asks a run to stop after its step, the second one ends the
 * program at once.
 *
 * @module
 */
import { ignoresHangUp } from "../engine/mod.ts";

/** Whether a stop was asked for, until it is closed. */
export type Interrupt = {
  /** Whether one was. */
  readonly requested: () => boolean;
  /** Stops listening. */
  readonly close: () => void;
};

/**
 * Milliseconds within which signals are one press of Ctrl-C: it comes from the terminal, and again from `deno task`,
 * which hands it on.
 */
const ONE_PRESS = 300;

/** The exit status of a program that a signal ended: 128 and the signal's number. */
export const exitStatus = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** A signal that asks a program to end. */
export type EndingSignal = keyof typeof exitStatus;

/**
 * Listens for Ctrl-C (SIGINT), a wish to end (SIGTERM, SIGQUIT) and a terminal that is gone (SIGHUP). A program that
 * was started by `nohup` goes on without its terminal.
 *
 * @param onFirst Called when a stop is asked for.
 * @param abort Called when it is asked for again. Default: ends the program.
 * @returns Whether a stop was asked for. The caller closes it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenForInterrupt } from "@momentum-contrast/moco";
 *
 * const interrupt = listenForInterrupt((signal) => console.error(`${signal}: stopping after this step`));
 * assertEquals(interrupt.requested(), false);
 * interrupt.close();
 * ```
 */
export function listenForInterrupt(
  onFirst: (signal: EndingSignal) => void,
  abort: (status: number) => void = Deno.exit,
): Interrupt {
  let requested = false;
  let first = 0; // when, in milliseconds
  const handlers = endingSignals().map((signal) => {
    const handle = () => {
      if (requested && performance.now() - first < ONE_PRESS) return;
      if (requested) return abort(exitStatus[signal]);
      requested = true;
      first = performance.now();
      onFirst(signal);
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  return { requested: () => requested, close: () => handlers.forEach((remove) => remove()) };
}

/** Whether the program outlives its terminal: undefined until it is known. */
let outlives: boolean | undefined;

/** The signals that end a program here. Ask before anything listens for one. */
export function endingSignals(): readonly EndingSignal[] {
  if (Deno.build.os === "windows") return ["SIGINT"];
  if (outlives === undefined) {
    outlives = ignoresHangUp();
    // To listen for any signal makes Deno end on this one, unless it is listened for as well.
    if (outlives) Deno.addSignalListener("SIGHUP", () => {});
  }
  return ["SIGINT", "SIGTERM", "SIGQUIT", ...outlives ? [] : ["SIGHUP"] as const];
}
