/** The signals that TensorFlow's servers listen for: as a notice that the machine will be taken away. */
const SIGTERM = 15;

/**
 * Runs `start`, and lets SIGTERM do what it did before. When a process joins a cluster, TensorFlow takes the signal for
 * itself, so that the program would neither hear of it nor end.
 *
 * @param start Starts a server.
 */
export function keepingSignals(start: () => void): void {
  if (Deno.build.os === "windows") return start();
  const { sigaction } = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  }).symbols;
  const before = new BigUint64Array(32); // a struct sigaction is smaller
  sigaction(SIGTERM, null, before);
  start();
  sigaction(SIGTERM, before, null);
}
