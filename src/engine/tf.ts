import { tf as namespace } from "./native/mod.ts";

/**
 * tfjs's namespace (`tf.add`, `tf.matMul`, `tf.tensor2d`, ...). Its ops run on this engine, eagerly or in a trace.
 *
 * Its optimizers and variables mutate and are not used here.
 */
export const tf: typeof namespace = namespace;
