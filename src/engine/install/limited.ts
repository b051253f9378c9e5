/**
 * Runs a program from synchronous code and gives up on it after a time limit.
 *
 * @module
 */

/** How a program is run. Its standard input is empty. */
export type Limits = {
  /** Milliseconds before it is given up. */
  readonly limit: number;
  readonly stdout: "piped" | "inherit" | "null";
  readonly stderr: "piped" | "inherit" | "null";
  readonly env?: Readonly<Record<string, string>>;
};

/** The result of a program: its exit with what it wrote, that it was given up, or that it could not be started. */
export type Ended =
  | {
    readonly _tag: "Ended";
    readonly success: boolean;
    readonly signal: string | null;
    readonly stdout: string;
    readonly stderr: string;
  }
  | { readonly _tag: "GivenUp" }
  | { readonly _tag: "NotStarted"; readonly reason: "not found" | "not permitted" | "other"; readonly message: string };

/** What the worker is told. */
export type Order = {
  readonly shared: SharedArrayBuffer;
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: Limits;
};

/** Bytes for the answer. The programs that are run here write a line or two. */
const room = 1 << 16;

/** The shared memory holds the answer's length in bytes as an int32, 0 until there is one, followed by the answer. */
export const lengthBytes = Int32Array.BYTES_PER_ELEMENT;

/**
 * Runs a program and waits for it, at most for the time given. After that the program is killed.
 *
 * Deno can wait for a program without a time limit, or watch it from its event loop. A synchronous caller does not let
 * the event loop run, so a worker watches the program.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param limits The time that it has, and where its output goes.
 */
export function runLimited(command: string, args: readonly string[], limits: Limits): Ended {
  const shared = new SharedArrayBuffer(lengthBytes + room);
  const worker = new Worker(new URL("./limited_worker.ts", import.meta.url), { type: "module" });
  try {
    const order: Order = { shared, command, args, limits };
    worker.postMessage(order);
    const length = new Int32Array(shared, 0, 1);
    Atomics.wait(length, 0, 0);
    const answer = new Uint8Array(shared, lengthBytes, length[0]).slice();
    return JSON.parse(new TextDecoder().decode(answer)) as Ended;
  } finally {
    worker.terminate();
  }
}
