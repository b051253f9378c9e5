import { type Tensor, tf } from "../engine/mod.ts";

/** The first token of each sample, such as a class token: [N, T, D] to [N, 1, D]. */
export function firstToken(x: Tensor): Tensor {
  return tf.slice(x, [0, 0, 0], [-1, 1, -1]);
}
