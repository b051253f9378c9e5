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

/**
 * The shared memory holds an int32, followed by the answer. The int32 is 0 at first, `BEGUN` from the worker's begin on,
 * and at last the length of the answer in bytes.
 */
export const lengthBytes = Int32Array.BYTES_PER_ELEMENT;

/** Says that the worker has begun. */
export const BEGUN = -1;

/** Milliseconds for a worker to begin. It does not where its module is not there, as in a program that was compiled. */
const beginning = 20_000;

/**
 * Runs a program and waits for it, at most for the time given. After that the program is killed.
 *
 * Deno can wait for a program without a time limit, or watch it from its event loop. A synchronous caller does not let
 * the event loop run, so a worker watches the program.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param limits The time that it has, and where its output goes.
 * @param module The module of the worker.
 * @param patience Milliseconds for the worker to begin.
 */
export function runLimited(
  command: string,
  args: readonly string[],
  limits: Limits,
  module: URL = new URL("./limited_worker.ts", import.meta.url),
  patience: number = beginning,
): Ended {
  const shared = new SharedArrayBuffer(lengthBytes + room);
  const worker = new Worker(module, { type: "module" });
  worker.addEventListener("error", (event) => event.preventDefault()); // what is returned says it
  try {
    const order: Order = { shared, command, args, limits };
    worker.postMessage(order);
    const length = new Int32Array(shared, 0, 1);
    if (Atomics.wait(length, 0, 0, patience) === "timed-out") {
      const message = `expected the worker ${module} to begin within ${patience / 1000} s, and it did not`;
      return { _tag: "NotStarted", reason: "other", message };
    }
    if (Atomics.wait(length, 0, BEGUN, limits.limit + patience) === "timed-out") return { _tag: "GivenUp" };
    const answer = new Uint8Array(shared, lengthBytes, length[0]).slice();
    return JSON.parse(new TextDecoder().decode(answer)) as Ended;
  } finally {
    worker.terminate();
  }
}
