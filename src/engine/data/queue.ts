import { backend, dtypes, executeEager, idOf, op, type Tensor, tf } from "../native/mod.ts";
import type { Spec } from "../compile/mod.ts";

/** A queue of TensorFlow's: JavaScript puts elements in, a data set takes them out. */
export type Queue = {
  /** What each element consists of. */
  readonly components: readonly Spec[];
  /** Puts elements in: each component with one more axis, along which the elements lie. The tensors are borrowed. */
  readonly enqueue: (components: readonly Tensor[]) => void;
  /** The next element, for which it waits if there is none: what a traced function asks for. */
  readonly dequeue: () => Tensor[];
  /** Ends the data set that reads it, once what was put in is taken out. */
  readonly end: () => void;
  /** Frees the queue. Iterators over it are closed before. */
  readonly free: () => void;
};

let queues = 0;

/** A queue of elements with these components. It has room for any number of them. */
export function queue(components: readonly Spec[]): Queue {
  const component_types = components.map(({ dtype }) => dtype);
  const shapes = components.map(({ shape }) => shape);
  const shared_name = `queue_${queues++}`; // without a name of its own it would be the queue of the last call
  const [metadata] = executeEager("FIFOQueueV2", { component_types, shapes, capacity: -1, shared_name }, [], 1);
  const handle = tf.keep(backend().createOutputTensor({ ...metadata, dtype: dtypes.resource }));
  return {
    components,
    enqueue: (values) => {
      executeEager("QueueEnqueueManyV2", { timeout_ms: -1 }, [idOf(handle), ...values.map(idOf)], 0);
    },
    dequeue: () =>
      op("QueueDequeueV2", [handle], { component_types, timeout_ms: -1 })
        .map((component, index) => op("EnsureShape", [component], { shape: shapes[index] })[0]),
    end: () => {
      executeEager("QueueCloseV2", { cancel_pending_enqueues: true }, [idOf(handle)], 0);
    },
    free: () => {
      executeEager("DestroyResourceOp", { ignore_lookup_error: true }, [idOf(handle)], 0);
      handle.dispose();
    },
  };
}
