/**
 * Data sets of tf.data as values. Each function here takes the data set that it is given over, and returns the next one;
 * an {@linkcode iterator} takes the last one over.
 *
 * @module
 */
import { type Spec, traceFunction } from "../compile/mod.ts";
import {
  type Attributes,
  createTensor,
  dtypeName,
  dtypeOf,
  executeEager,
  idOf,
  releaseTensor,
  type Tensor,
} from "../native/mod.ts";
import type { Queue } from "./queue.ts";

/** A data set of tf.data: its native value, and what each of its elements consists of. */
export type Elements = { readonly id: number; readonly components: readonly Spec[] };

/**
 * The rows of some tensors, from the first to the last.
 *
 * @param tensors Tensors of one length; they are borrowed.
 */
export function sliced(tensors: readonly Tensor[]): Elements {
  const components = tensors.map((tensor): Spec => ({ dtype: dtypeOf(tensor), shape: tensor.shape.slice(1) }));
  const { output_shapes } = described(components);
  return elements("TensorSliceDataset", tensors.map(idOf), [], { output_shapes, metadata: "" }, components);
}

/** What is put into a queue, in its order, until the queue is closed and empty. */
export function queued(source: Queue): Elements {
  const once = elements("TensorDataset", [], [int32(0)], { output_shapes: [[]], metadata: "" }, [number]);
  const forever = elements("RepeatDataset", [], [once.id, int64(-1)], { ...described([number]), metadata: "" }, [
    number,
  ]);
  const { functionName, captured } = traceFunction("dequeue", plain, [number], () => source.dequeue());
  return elements("MapDataset", [], [forever.id, ...captured], {
    ...described(source.components),
    ...mapAttributes(functionName),
    preserve_cardinality: false, // a closed queue ends the data set
  }, source.components);
}

/**
 * A function of every element, in the elements' order. Several elements are worked on at once, in TensorFlow's threads.
 *
 * @param from The data set.
 * @param f A pure function of an element's components. It is traced.
 * @param threads How many elements are worked on at once. Default: TensorFlow finds the best number while it runs.
 */
export function mapped(from: Elements, f: (components: Tensor[]) => readonly Tensor[], threads = AUTOTUNE): Elements {
  const { functionName, captured, outputs } = traceFunction(f.name || "map", plain, from.components, f);
  const components = outputs.map(({ dtype, shape }): Spec => ({ dtype: dtypeName(dtype), shape }));
  return elements("ParallelMapDatasetV2", [], [from.id, ...captured, int64(threads)], {
    ...described(components),
    ...mapAttributes(functionName),
    deterministic: "true",
    preserve_cardinality: true, // an error that an element meets does not end the data set
  }, components);
}

/** Elements stacked, `size` at a time; the last batch is what is left. */
export function batched(from: Elements, size: number): Elements {
  const components = from.components.map(({ dtype, shape }): Spec => ({ dtype, shape: [-1, ...shape] }));
  return elements("BatchDatasetV2", [], [from.id, int64(size), bool(false)], {
    ...described(components),
    parallel_copy: true,
    metadata: "",
  }, components);
}

/** The same elements, of which the next ones are computed before they are asked for: as many as `count`. */
export function prefetched(from: Elements, count: number): Elements {
  const ahead = elements(
    "PrefetchDataset",
    [],
    [from.id, int64(count)],
    { ...described(from.components), metadata: "" },
    from.components,
  );
  return elements("ModelDataset", [], [ahead.id], described(from.components), from.components); // which tunes AUTOTUNE
}

const AUTOTUNE = -1;

const number: Spec = { dtype: "int32", shape: [] };

const plain = { precision: "float32", xla: false } as const;

function described(components: readonly Spec[]): Attributes {
  return {
    output_types: components.map(({ dtype }) => dtype),
    output_shapes: components.map(({ shape }) => shape),
  };
}

function mapAttributes(functionName: string): Attributes {
  return { f: functionName, use_inter_op_parallelism: true, metadata: "" };
}

/** Runs an op that makes a data set of inputs that are borrowed and of inputs that are taken over. */
function elements(
  name: string,
  borrowed: readonly number[],
  taken: readonly number[],
  attributes: Attributes,
  components: readonly Spec[],
): Elements {
  try {
    const [{ id }] = executeEager(name, attributes, [...borrowed, ...taken], 1);
    return { id, components };
  } finally {
    taken.forEach(releaseTensor);
  }
}

function int64(value: number): number {
  return createTensor([], "int64", new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
}

function int32(value: number): number {
  return createTensor([], "int32", new Uint8Array(Int32Array.of(value).buffer));
}

function bool(value: boolean): number {
  return createTensor([], "bool", Uint8Array.of(Number(value)));
}
