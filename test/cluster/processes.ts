/**
 * Several processes of a cluster on this machine.
 *
 * @module
 */

/** Addresses on this machine that nobody listens on. */
export function freeAddresses(count: number): readonly string[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const addresses = listeners.map(({ addr }) => `127.0.0.1:${(addr as Deno.NetAddr).port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

/** As {@linkcode freeAddresses}, and each of another host: on Linux all of 127.0.0.0/8 is this machine. */
export function ofSeveralHosts(count: number): readonly string[] {
  const isLinux = Deno.build.os === "linux";
  return freeAddresses(count).map((address, rank) =>
    isLinux ? address.replace(/^127\.0\.0\.1/, `127.0.0.${rank + 1}`) : address
  );
}

/** Each process has one thread, so that as many as there are processors do not wait for one another. */
export const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" };
