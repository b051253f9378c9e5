/**
 * TensorFlow's input pipeline, tf.data: data sets as values, queues that feed them, and iterators that take their
 * elements. A data set's computations run in TensorFlow's own threads, while JavaScript does something else.
 *
 * @module
 */
export type { Spec } from "../compile/mod.ts";
export {
  batched,
  type ElementFunction,
  elementFunction,
  type Elements,
  mapped,
  prefetched,
  queued,
} from "./elements.ts";
export { type Iterator, iterator } from "./iterator.ts";
export { type Queue, queue } from "./queue.ts";
export { quietNativeCode } from "../native/mod.ts";
