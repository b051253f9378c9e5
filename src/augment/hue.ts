import { type Tensor, tf } from "../engine/mod.ts";

/** Red, green and blue of a batch of images, float32 [N, H, W] each. */
export type Colors = readonly [red: Tensor, green: Tensor, blue: Tensor];

/** Smaller than every nonzero float32 difference of two values in [0, 1]. */
const tiny = 1e-12;

/**
 * Colours with their hue turned, value and saturation (of HSV) unchanged.
 *
 *     V = max(r, g, b),    c = V - min(r, g, b)
 *     hue = (g - b) / 6c           where V = r,
 *           (b - r) / 6c + 1/3     where V = g,
 *           (r - g) / 6c + 2/3     where V = b                            (turns)
 *     out_j = V - c clip(6 d_j - 1, 0, 1),    d_j = |hue + turn - j/3| on the circle,    j = 0 red, 1 green, 2 blue
 *
 * The ramps of HSV begin where d_j = 1/6: a channel is at V up to a sixth of a turn from its own hue, and at the
 * minimum from a third on. So there is no need to convert to HSV and back.
 *
 * @param colors In [0, 1].
 * @param turn Turns, float32 [N, 1, 1].
 */
export function turnHue([red, green, blue]: Colors, turn: Tensor): Colors {
  const value = tf.maximum(tf.maximum(red, green), blue);
  const chroma = tf.sub(value, tf.minimum(tf.minimum(red, green), blue));
  const sixth = tf.div(1 / 6, tf.maximum(chroma, tiny)); // a grey has no hue, and chroma 0 hides the one it gets
  const hue = tf.where(
    tf.equal(value, red),
    tf.mul(tf.sub(green, blue), sixth),
    tf.where(
      tf.equal(value, green),
      tf.add(tf.mul(tf.sub(blue, red), sixth), 1 / 3),
      tf.add(tf.mul(tf.sub(red, green), sixth), 2 / 3),
    ),
  );
  const turned = tf.add(hue, turn);
  const channel = (j: number) => {
    const difference = tf.sub(turned, j / 3);
    const distance = tf.abs(tf.sub(difference, tf.round(difference)));
    const ramp = tf.minimum(tf.relu(tf.sub(tf.mul(distance, 6), 1)), 1);
    return tf.sub(value, tf.mul(chroma, ramp));
  };
  return [channel(0), channel(1), channel(2)];
}
