import { tf } from "../native/mod.ts";

/**
 * Runs `f` as if no gradient were being taken: nothing goes onto the open tape, and a gradient that `f` takes has a tape
 * of its own. tfjs has one tape, and would begin it anew where a gradient is taken while another one flows back.
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
