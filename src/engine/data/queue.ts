import { backend, dtypes, executeEager, idOf, op, type Tensor, tf } from "../native/mod.ts";
import type { Spec } from "../compile/mod.ts";

/** A TensorFlow queue: JavaScript puts elements in, a data set takes them out. */
export type Queue = {
  /** What each element consists of. */
  readonly components: readonly Spec[];
  /** Puts elements in. Each component has one more axis, along which the elements lie. The tensors are borrowed. */
  readonly enqueue: (components: readonly Tensor[]) => void;
  /** What stands for it in a traced function. */
  readonly handle: Tensor;
  /** Ends the data set that reads it, once everything that was put in has been taken out. */
  readonly end: () => void;
  /** Frees the queue. Close iterators over it first. */
  readonly free: () => void;
};

let queues = 0;

/** A queue of elements with these components. It holds any number of them. */
export function queue(components: readonly Spec[]): Queue {
  const component_types = components.map(({ dtype }) => dtype);
  const shapes = components.map(({ shape }) => shape);
  const shared_name = `queue_${queues++}`; // without a name of its own it would be the queue of the last call
  const [metadata] = executeEager("FIFOQueueV2", { component_types, shapes, capacity: -1, shared_name }, [], 1);
  const handle = tf.keep(backend().createOutputTensor({ ...metadata, dtype: dtypes.resource }));
  return {
    components,
    handle,
    enqueue: (values) => {
      executeEager("QueueEnqueueManyV2", { timeout_ms: -1 }, [idOf(handle), ...values.map(idOf)], 0);
    },
    end: () => {
      executeEager("QueueCloseV2", { cancel_pending_enqueues: true }, [idOf(handle)], 0);
    },
    free: () => {
      executeEager("DestroyResourceOp", { ignore_lookup_error: true }, [idOf(handle)], 0);
      handle.dispose();
    },
  };
}

/** The next element of a queue, for use in a traced function. It waits if there is none. */
export function dequeue(handle: Tensor, components: readonly Spec[]): Tensor[] {
  const component_types = components.map(({ dtype }) => dtype);
  return op("QueueDequeueV2", [handle], { component_types, timeout_ms: -1 })
    .map((component, index) => op("EnsureShape", [component], { shape: components[index].shape })[0]);
}
