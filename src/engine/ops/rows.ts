import { backend, hasGpu, idOf, type Tensor, type TensorMetadata, tf } from "../native/mod.ts";
import { currentTrace, metadataOf, type Trace } from "../compile/mod.ts";

/** What tensors of a trace were made of. */
const known = new WeakMap<Trace, Map<number, TensorMetadata>>();

/**
 * The same tensor as images of one pixel each, [rows, 1, 1, C]. What treats all rows alike may do so: oneDNN's batch norm
 * takes up to three times as long over larger images with many channels, as it goes through them channel by channel.
 * cuDNN's keeps its images.
 *
 * @param x float32 [..., C]. Differentiable.
 */
export function toRows(x: Tensor): Tensor {
  return hasGpu() && x.rank === 4 ? x : tf.reshape(x, [-1, 1, 1, x.shape[x.rank - 1]!]);
}

/**
 * Rows in a tensor's own shape. In a trace, `rowsBehind` finds them again.
 *
 * @param rows float32 [rows, 1, 1, C]. Differentiable.
 * @param shape The tensor's shape, [..., C].
 */
export function fromRows(rows: Tensor, shape: readonly number[]): Tensor {
  const x = tf.reshape(rows, [...shape]);
  const trace = currentTrace();
  if (trace === undefined) return x;
  if (!known.has(trace)) known.set(trace, new Map());
  known.get(trace)!.set(idOf(x), metadataOf(trace, idOf(rows)));
  return x;
}

/**
 * The rows that a tensor of the open trace was made of by {@linkcode fromRows}, for the body of an op that is to be one
 * kernel with what gave them: TensorFlow fuses batch norm and ReLU only where nothing stands between them.
 */
export function rowsBehind(x: Tensor): Tensor | undefined {
  const trace = currentTrace();
  const rows = trace && known.get(trace)?.get(idOf(x));
  return rows && backend().createOutputTensor(rows);
}
