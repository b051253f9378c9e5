/**
 * The progress of a run on the terminal.
 *
 * @module
 */
import { percent } from "../core/percent.ts";
import { printable, printableLine } from "../core/printable.ts";
import { slowSteps } from "./slow_steps.ts";

/** What the progress line shows. */
export type ProgressState = {
  /** The epoch in progress, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps taken so far, and those of the whole run. */
  readonly step: number;
  readonly steps: number;
  /** Absent until a rate was measured. */
  readonly imagesPerSecond?: number;
  /** Images that are still to come, each as often as it does. */
  readonly imagesLeft: number;
  /** The metrics of the last step that was read. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The last evaluation. */
  readonly evaluation?: Readonly<Record<string, number>>;
};

/** The progress line: `epoch 3/20  step 1230/9380  742 images/s  2 min left  loss 5.12 (chance 8.32) ...`. */
export function renderProgress(state: ProgressState): string {
  const { metrics, evaluation = {}, imagesPerSecond: rate } = state;
  const chance = metrics.chance === undefined ? "" : ` (chance ${metrics.chance.toFixed(2)})`;
  return [
    `epoch ${state.epoch}/${state.epochs}`,
    `step ${state.step}/${state.steps}`,
    ...rate === undefined ? [] : [renderPace(rate, state.imagesLeft)],
    `loss ${metrics.loss.toFixed(3)}${chance}`,
    ...metrics.accuracy === undefined ? [] : [`contrast ${percent(metrics.accuracy)}`],
    ...metrics.top1 === undefined ? [] : [`batch top-1 ${percent(metrics.top1)}`],
    ...metrics.realKeys === undefined || metrics.realKeys >= 1 ? [] : [`keys ${percent(metrics.realKeys)} real`],
    ...Object.entries(evaluation).map(([name, value]) => `${name} ${percent(value)}`),
  ].join("  ");
}

/** Images a second, and the time that the others take: `742 images/s  2 min left`. */
export function renderPace(rate: number, imagesLeft: number): string {
  return `${rate.toFixed(rate < 10 ? 1 : 0)} images/s  ${renderDuration(imagesLeft / rate)} left`;
}

/** A duration in words: `8 s`, `2 min`, `1 h 05 min`. */
export function renderDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Where a run reports to. */
export type Reporter = {
  /** The progress line, again and again; it may be dropped where lines come too fast. */
  readonly progress: (line: string) => void;
  /** A text that stays: a warning, an evaluation, a checkpoint. */
  readonly note: (text: string) => void;
  /**
   * What runs from now on and blocks this thread until it ends, such as a step; the first one is worth a line at once.
   * Default: it is not told.
   */
  readonly running?: (what: string) => void;
  /** Leaves the terminal at the beginning of a line, and nothing of the last progress untold. */
  readonly end: () => void;
};

/** A reporter that says nothing. */
export const silent: Reporter = { progress: () => {}, note: () => {}, end: () => {} };

/** Seconds between two progress lines where each takes a line of its own. */
export const progressInterval = 5;

/** What a reporter writes to. */
export type Terminal = {
  /** Whether a line can be written anew. */
  readonly isTerminal: () => boolean;
  /** How many characters fit on a line; 0 if it is not known. */
  readonly columns: () => number;
  /** Writes a text as it is. */
  readonly write: (text: string) => void;
  /** The time in milliseconds. */
  readonly now: () => number;
};

/** Writes every byte of a text to a stream: one call may write only some. */
export function writeAllSync(stream: { readonly writeSync: (bytes: Uint8Array) => number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}

/** Standard error. What cannot be written there is dropped. */
export const standardError: Terminal = {
  isTerminal: () => Deno.stderr.isTerminal(),
  columns: () => {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 120;
    }
  },
  write: (text) => {
    try {
      writeAllSync(Deno.stderr, text);
    } catch { /* the reader is gone or the disk is full: progress is no reason to end a run */ }
  },
  now: () => performance.now(),
};

/**
 * A reporter to a terminal: one line that is written anew on a screen, and now and then a line in a file or a pipe.
 * While a step takes long, it says so every few seconds.
 *
 * @param terminal Where the lines go. Default: standard error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { terminalReporter } from "@momentum-contrast/moco";
 *
 * const lines: string[] = [];
 * const terminal = { isTerminal: () => false, columns: () => 80, write: (text: string) => lines.push(text), now: () => 0 };
 * terminalReporter(terminal).note("an image was left out");
 * assertEquals(lines, ["an image was left out\n"]);
 * ```
 */
export function terminalReporter(terminal: Terminal = standardError): Reporter {
  const screen = terminal.isTerminal();
  let shown = "";
  let dropped = "";
  let last = -Infinity;
  const clear = "\r\x1b[2K";
  const slow = screen ? slowSteps(clear, "") : slowSteps("", "\n");
  const progress = (line: string): void => {
    if (screen) {
      shown = printableLine(line).slice(0, Math.max(1, (terminal.columns() || 80) - 1));
      terminal.write(`${clear}${shown}`);
    } else if (terminal.now() - last >= 1000 * progressInterval) {
      last = terminal.now();
      dropped = "";
      terminal.write(`${printableLine(line)}\n`);
    } else dropped = printableLine(line);
  };
  return {
    progress,
    running: (what) => {
      if (last === -Infinity && shown === "") progress(what);
      slow.running(printableLine(what));
    },
    note: (text) => terminal.write(shown === "" ? `${printable(text)}\n` : `${clear}${printable(text)}\n${shown}`),
    end: () => {
      slow.close();
      if (shown !== "") terminal.write("\n");
      if (dropped !== "") terminal.write(`${dropped}\n`);
      shown = dropped = "";
    },
  };
}
