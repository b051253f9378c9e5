/**
 * Whether this program was started with hang-ups ignored, as `nohup` starts programs. Only Linux tells; elsewhere the
 * answer is no. Ask before anything listens for the signal, because listening ends the ignoring.
 */
export function ignoresHangUp(): boolean {
  if (Deno.build.os !== "linux") return false;
  const { sigaction } = Deno.dlopen("libc.so.6", {
    sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
  }).symbols;
  const action = new BigUint64Array(32); // a struct sigaction is smaller; its first field is the handler
  const SIGHUP = 1;
  const SIG_IGN = 1n;
  return sigaction(SIGHUP, null, action) === 0 && action[0] === SIG_IGN;
}
