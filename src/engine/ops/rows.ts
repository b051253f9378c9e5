import { normalizesRows } from "../compile/mod.ts";
import { type Tensor, tf } from "../native/mod.ts";

/** The pixels of a row. With fewer the kernel spends its time between images, with more it gains nothing. */
const longest = 16;

/**
 * The same tensor as images of a single short row each, [images, 1, pixels, C], where that is faster. It is valid for
 * ops that treat all pixels alike. oneDNN's batch norm goes through an image channel by channel, so it is up to three
 * times as slow over larger images with many channels. Over images of one pixel with few channels it is five times as
 * slow.
 *
 * @param x float32 [..., C]. Differentiable.
 */
export function toRows(x: Tensor): Tensor {
  if (x.rank === 4 && !normalizesRows()) return x;
  const channels = x.shape[x.rank - 1]!;
  return tf.reshape(x, [-1, 1, commonDivisor(x.size / channels, longest), channels]);
}

/** The greatest common divisor of two integers. */
function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
