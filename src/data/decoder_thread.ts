/**
 * The thread that decodes TIFF, AVIF and HEIC. It is started with the first such image that is read, wherever that is.
 *
 * Loading the decoder takes promises, and images are opened in functions that return no promise. So the decoder runs in
 * a thread of its own, and whoever asks is held until it has answered.
 *
 * @module
 */
import { Worker } from "node:worker_threads";

/** What the thread is asked: to write an image as a PNG file. */
export type DecoderQuestion = {
  /** The whole file of the image. */
  readonly bytes: Uint8Array;
  /** The most pixels that it may have, of which each counts as four. */
  readonly most: number;
  /** Where the PNG is put. */
  readonly to: string;
};

/** What the thread is told: the question, the memory for its answer, and where the decoder's package is, if known. */
export type ToDecode = DecoderQuestion & {
  readonly memory: SharedArrayBuffer;
  readonly folder: string | undefined;
};

/** How far an answer is. */
const [ASKED, BEGUN, ANSWERED] = [0, 1, 2];

/** The most bytes of an answer. */
const MOST_TEXT = 2 ** 12;

/** How long a thread may take to start, milliseconds. */
const START = 60_000;

/** An answer in memory that threads share: how far it is, how many bytes its text has, and the text. */
function answerIn(memory: SharedArrayBuffer) {
  const head = new Int32Array(memory, 0, 2);
  const text = new Uint8Array(memory, head.byteLength);
  const become = (state: number): void => {
    Atomics.store(head, 0, state);
    Atomics.notify(head, 0);
  };
  return {
    begin: (): void => become(BEGUN),
    finish: (reason: string): void => {
      const bytes = new TextEncoder().encode(reason).subarray(0, text.length);
      text.set(bytes);
      head[1] = bytes.length;
      become(ANSWERED);
    },
    /** Waits for the text; undefined if nobody begins to answer. */
    wait: (): string | undefined => {
      if (Atomics.wait(head, 0, ASKED, START) === "timed-out") return undefined;
      Atomics.wait(head, 0, BEGUN);
      return new TextDecoder().decode(text.slice(0, head[1]));
    },
  };
}

let thread: Worker | undefined;
let isBroken = false;
let folder: string | undefined;

/** Tells where the decoder's package is, so that the thread need not look for it. */
export function useDecoderIn(found: string): void {
  folder = found;
}

function started(): Worker {
  // A worker of node's is given files and data alone; this module may come from elsewhere.
  const module = new URL("./decoder_work.ts", import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,import ${encodeURIComponent(JSON.stringify(module))};`));
  worker.unref(); // the program ends without it
  return worker;
}

/**
 * Writes an image as PNG, and waits until that is done.
 *
 * @param question The image.
 * @returns Undefined, or why there is no PNG: what was expected and what was found.
 */
export function decode(question: DecoderQuestion): string | undefined {
  if (!isBroken) {
    const memory = new SharedArrayBuffer(8 + MOST_TEXT);
    thread ??= started();
    thread.postMessage({ ...question, memory, folder } satisfies ToDecode);
    const reason = answerIn(memory).wait();
    if (reason !== undefined) return reason === "" ? undefined : reason;
    isBroken = true;
  }
  return "expected a thread that decodes TIFF, AVIF and HEIC, found that none starts";
}

/**
 * In the thread: answers a question.
 *
 * @param asked What the thread was told.
 * @param answer Does what is asked; an error says why it could not.
 */
export async function answerTo(asked: ToDecode, answer: (asked: ToDecode) => Promise<void>): Promise<void> {
  const { begin, finish } = answerIn(asked.memory);
  begin();
  await answer(asked).then(() => finish(""), (thrown: Error) => finish(thrown.message));
}
