/**
 * Several processes of a cluster on this machine.
 *
 * @module
 */

/** Addresses on this machine that nobody listens on. */
export function freeAddresses(count: number, host = "127.0.0.1"): readonly string[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: host, port: 0 }));
  const addresses = listeners.map(({ addr }) => `${host}:${(addr as Deno.NetAddr).port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

/** Each process has one thread, so that as many as there are processors do not wait for one another. */
export const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" };
