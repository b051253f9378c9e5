/**
 * What the reader did, so that it can be undone.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { refused } from "./collection.ts";
import { say } from "./notice.ts";

/** A thing that was done, and how it is undone. */
export type Done = { readonly what: string; readonly undo: () => Promise<void> | void };

const done = signal<readonly Done[]>([]);

/** The last thing that can be undone. */
export function lastDone(): Done | undefined {
  return done.value.at(-1);
}

/** Notes that something was done. */
export function noteDone(what: string, undo: Done["undo"]): void {
  done.value = [...done.value, { what, undo }].slice(-100);
  say(what, { canUndo: true });
}

/** Undoes the last thing. What cannot be undone now stays, to be tried again. */
export async function undo(): Promise<void> {
  const last = done.value.at(-1);
  if (last === undefined) return say("There is nothing to undo");
  done.value = done.value.slice(0, -1);
  try {
    await last.undo();
    say(`Undone: ${last.what}`);
  } catch (thrown) {
    done.value = [...done.value, last];
    refused(thrown);
  }
}
