import type { Layer } from "./types.ts";

/** The layer that returns its input unchanged and has no values. It takes the place of a head that is left out. */
export function identity(): Layer {
  return {
    init: (_key, input) => ({ network: { params: {}, buffers: {} }, output: input }),
    apply: (_network, x) => ({ output: x, buffers: {} }),
  };
}
