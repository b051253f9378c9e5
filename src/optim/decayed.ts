import { type Tensor, tf } from "../engine/mod.ts";

/**
 * A gradient with weight decay: gradient + wd param.
 *
 * @param gradient float32 of any shape.
 * @param param float32 of the same shape.
 * @param weightDecay wd: the share of the parameter that is added.
 */
export function decayed(gradient: Tensor, param: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weightDecay, param));
}
