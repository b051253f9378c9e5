import { type Tensor, tf } from "../engine/mod.ts";

/** The weights of red, green and blue in grey (ITU-R 601, as in Pillow). */
export const greyWeights: readonly [number, number, number] = [0.299, 0.587, 0.114];

/**
 * The grey of a colour.
 *
 *     grey = 0.299 red + 0.587 green + 0.114 blue
 *
 * @param red float32 of any shape.
 * @param green float32 of the same shape.
 * @param blue float32 of the same shape.
 */
export function greyOf(red: Tensor, green: Tensor, blue: Tensor): Tensor {
  const [r, g, b] = greyWeights;
  return tf.add(tf.add(tf.mul(red, r), tf.mul(green, g)), tf.mul(blue, b));
}
