/**
 * The worker of `limited.ts`: runs one program and writes the result into shared memory.
 *
 * @module
 */
import { BEGUN, type Ended, lengthBytes, type Order } from "./limited.ts";

globalThis.addEventListener("message", async (event) => {
  const order = (event as MessageEvent<Order>).data;
  say(order.shared, BEGUN);
  answer(order.shared, await run(order));
});

async function run({ command, args, limits }: Order): Promise<Ended> {
  const { limit, ...options } = limits;
  try {
    const child = new Deno.Command(command, { ...options, args: [...args], stdin: "null" }).spawn();
    const late = new Promise<Ended>((resolve) => setTimeout(() => resolve({ _tag: "GivenUp" }), limit));
    // The program's own children may hold its output open after it is killed, so nothing waits for them.
    const ended = await Promise.race([late, outcome(child, options)]);
    if (ended._tag === "GivenUp") child.kill("SIGKILL");
    return ended;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied
      ? "not found"
      : error instanceof Deno.errors.NotCapable
      ? "not permitted"
      : "other";
    return { _tag: "NotStarted", reason, message: error instanceof Error ? error.message : String(error) };
  }
}

async function outcome(child: Deno.ChildProcess, { stdout, stderr }: Pick<Order["limits"], "stdout" | "stderr">) {
  const read = (piped: boolean, stream: () => ReadableStream<Uint8Array<ArrayBuffer>>) =>
    piped ? new Response(stream()).text() : "";
  const [out, err, { success, signal }] = await Promise.all([
    read(stdout === "piped", () => child.stdout),
    read(stderr === "piped", () => child.stderr),
    child.status,
  ]);
  return { _tag: "Ended", success, signal, stdout: out, stderr: err } as const;
}

/** Writes the answer and wakes the waiting thread. If the output is too long, its end is kept. */
function answer(shared: SharedArrayBuffer, ended: Ended): void {
  const memory = new Uint8Array(shared, lengthBytes);
  const encode = (given: Ended) => new TextEncoder().encode(JSON.stringify(given));
  let bytes = encode(ended);
  if (bytes.length > memory.length && ended._tag === "Ended") {
    bytes = encode({ ...ended, stdout: ended.stdout.slice(-5_000), stderr: ended.stderr.slice(-5_000) });
  }
  memory.set(bytes);
  say(shared, bytes.length);
}

function say(shared: SharedArrayBuffer, number: number): void {
  const length = new Int32Array(shared, 0, 1);
  Atomics.store(length, 0, number);
  Atomics.notify(length, 0);
}
