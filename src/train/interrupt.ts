/**
 * Ctrl-C: the first one asks a run to stop after its step, the second one ends the program at once.
 *
 * @module
 */

/** Whether a stop was asked for, until it is closed. */
export type Interrupt = {
  /** Whether one was. */
  readonly requested: () => boolean;
  /** Stops listening. */
  readonly close: () => void;
};

/** The exit status of a program that a signal ended: 128 and the signal's number. */
export const exitStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Listens for SIGINT and SIGTERM.
 *
 * @param onFirst Called when a stop is asked for.
 * @param abort Called when it is asked for again. Default: ends the program.
 */
export function listenForInterrupt(
  onFirst: (signal: "SIGINT" | "SIGTERM") => void,
  abort: (status: number) => void = Deno.exit,
): Interrupt {
  let requested = false;
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
  const handlers = signals.map((signal) => {
    const handle = () => {
      if (requested) return abort(exitStatus[signal]);
      requested = true;
      onFirst(signal);
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  return { requested: () => requested, close: () => handlers.forEach((remove) => remove()) };
}
