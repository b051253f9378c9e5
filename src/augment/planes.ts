import { type Tensor, tf } from "../engine/mod.ts";

/**
 * Images [N, height, width, channels] as planes [N, channels, height, width]. Colour arithmetic runs several times
 * faster on planes, where the innermost axis is a row of pixels instead of three channels.
 *
 * TensorFlow's optimizer removes a {@linkcode fromPlanes} that is followed by a `toPlanes`, so a composition of
 * augmentations under `jit` changes the layout once each way.
 */
export function toPlanes(images: Tensor): Tensor {
  const [count, height, width, channels] = images.shape;
  return channels === 1 ? tf.reshape(images, [count, 1, height, width]) : tf.transpose(images, [0, 3, 1, 2]);
}

/** The inverse of {@linkcode toPlanes}. */
export function fromPlanes(planes: Tensor): Tensor {
  const [count, channels, height, width] = planes.shape;
  return channels === 1 ? tf.reshape(planes, [count, height, width, 1]) : tf.transpose(planes, [0, 2, 3, 1]);
}

/** One value per image, [N], in a shape that broadcasts against `rank` axes. */
export function perImage(values: Tensor, rank: number): Tensor {
  return tf.reshape(values, [values.shape[0], ...new Array<number>(rank - 1).fill(1)]);
}
