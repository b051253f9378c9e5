import type { Layer } from "./types.ts";

/** The layer that leaves its input as it is, and has no values: what stands where a head is left out. */
export function identity(): Layer {
  return {
    init: (_key, input) => ({ network: { params: {}, buffers: {} }, output: input }),
    apply: (_network, x) => ({ output: x, buffers: {} }),
  };
}
