/** The signal that TensorFlow's servers listen for: as a notice that the machine will be taken away. */
const SIGTERM = 15;

/**
 * What SIGTERM does now. When a process joins a cluster, TensorFlow takes the signal for itself, so that the program
 * would neither hear of it nor end.
 *
 * @returns A function that lets the signal do it again.
 */
export function signalsNow(): () => void {
  if (Deno.build.os === "windows") return () => {};
  const { sigaction } = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  }).symbols;
  const action = new BigUint64Array(32); // a struct sigaction is smaller
  sigaction(SIGTERM, null, action);
  return () => void sigaction(SIGTERM, action, null);
}
