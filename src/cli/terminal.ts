/**
 * The terminal: everything that the program says goes through here, and what no terminal takes ends nothing.
 *
 * @module
 */
import { printable } from "../core/printable.ts";
import { reasonOf } from "../core/reason.ts";
import { standardError, writeAllSync } from "../train/progress.ts";
import { Failure } from "./failure.ts";

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
