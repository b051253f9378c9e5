import { tf } from "../native/mod.ts";

/**
 * Runs `f` as if no gradient were being taken. Nothing goes onto the open tape, and a gradient that `f` takes has its
 * own tape. tfjs has a single tape, and would restart it if a gradient were taken while another one flows back.
 *
 * @param f What is run.
 */
export function onOwnTape<T>(f: () => T): T {
  const { state } = tf.engine();
  const { gradientDepth, kernelDepth, activeTape } = state;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null });
  try {
    return f();
  } finally {
    Object.assign(state, { gradientDepth, kernelDepth, activeTape });
  }
}
