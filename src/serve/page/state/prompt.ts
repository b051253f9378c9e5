/**
 * One question to the reader, which is answered with a line of text.
 *
 * @module
 */
import { signal } from "@preact/signals";

/** A question. */
export type Prompt = {
  readonly question: string;
  readonly text: string;
  /** Answers that are proposed. */
  readonly known: readonly string[];
  readonly answer: (text: string) => void;
};

/** What is asked now. */
export const prompt = signal<Prompt | undefined>(undefined);

/** Asks. Nothing happens if the reader gives no answer. */
export function ask(question: string, text: string, answer: Prompt["answer"], known: readonly string[] = []): void {
  prompt.value = { question, text, answer, known };
}
