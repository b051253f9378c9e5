/**
 * The one line that tells the reader what happened.
 *
 * @module
 */
import { signal } from "@preact/signals";

/** What is said. */
export type Notice = { readonly text: string; readonly isError?: boolean; readonly canUndo?: boolean };

/** What is said now. */
export const notice = signal<Notice | undefined>(undefined);

let timer: number | undefined;

/** Says something for some seconds. An error stays until it is closed. */
export function say(text: string, options: Omit<Notice, "text"> = {}): void {
  clearTimeout(timer);
  notice.value = { text, ...options };
  if (!options.isError) timer = setTimeout(() => notice.value = undefined, 6000);
}

/** Says what went wrong. */
export function sayError(thrown: unknown): void {
  if (thrown instanceof DOMException && thrown.name === "AbortError") return;
  say(thrown instanceof Error ? thrown.message : String(thrown), { isError: true });
}
