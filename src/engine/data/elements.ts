/**
 * Data sets of tf.data as values. Each function here takes ownership of the data set that it is given, and returns the
 * next one. An {@linkcode iterator} takes ownership of the last one.
 *
 * @module
 */
import { type Spec, traceFunction } from "../compile/mod.ts";
import {
  type Attributes,
  createTensor,
  dtypeName,
  executeEager,
  idOf,
  releaseTensor,
  type Tensor,
} from "../native/mod.ts";
import { dequeue, type Queue } from "./queue.ts";

/** A data set of tf.data: its native value, and what each of its elements consists of. */
export type Elements = { readonly id: number; readonly components: readonly Spec[] };

/** What is put into a queue, in order, until the queue is closed and empty. */
export function queued(source: Queue): Elements {
  const once = elements("TensorDataset", [int32(0)], [], { output_shapes: [[]], metadata: "" }, [number]);
  const forever = elements("RepeatDataset", [once.id, int64(-1)], [], { ...described([number]), metadata: "" }, [
    number,
  ]);
  const { name, components } = elementFunction(
    `dequeue ${JSON.stringify(source.components)}`,
    [number, resource],
    ([, handle]) => dequeue(handle, source.components),
  );
  const handle = idOf(source.handle);
  return elements("MapDataset", [forever.id, handle], [handle], {
    ...described(components),
    ...mapAttributes(name),
    preserve_cardinality: false, // the end of the queue ends the data set
  }, components);
}

/** A function of an element, traced. */
export type ElementFunction = {
  readonly name: string;
  /** What it closes over, as ids. */
  readonly captured: readonly number[];
  readonly components: readonly Spec[];
};

const traced = new Map<string, ElementFunction>();

/**
 * Traces a function of an element, once for each form, and keeps it: TensorFlow forgets no function, so one for each
 * data set would fill the memory.
 *
 * @param form What tells it from other functions: its name, and all that it depends on beside its components.
 * @param components What it is given.
 * @param f A pure function of an element's components.
 */
export function elementFunction(
  form: string,
  components: readonly Spec[],
  f: (components: Tensor[]) => readonly Tensor[],
): ElementFunction {
  const key = JSON.stringify([form, components]);
  const known = traced.get(key);
  if (known !== undefined) return known;
  const { functionName, captured, outputs } = traceFunction(form, plain, components, f);
  const made: ElementFunction = {
    name: functionName,
    captured,
    components: outputs.map(({ dtype, shape }): Spec => ({ dtype: dtypeName(dtype), shape })),
  };
  traced.set(key, made);
  return made;
}

/**
 * Applies a function to every element and keeps their order. Several elements are processed at once, in TensorFlow's
 * threads.
 *
 * @param from The data set.
 * @param f A function of an element's components; it is borrowed.
 * @param threads How many elements are worked on at once. Default: TensorFlow finds the best number while it runs.
 */
export function mapped(from: Elements, { name, captured, components }: ElementFunction, threads = AUTOTUNE): Elements {
  return elements("ParallelMapDatasetV2", [from.id, ...captured, int64(threads)], captured, {
    ...described(components),
    ...mapAttributes(name),
    deterministic: "true",
    preserve_cardinality: true, // an error that an element meets does not end the data set
  }, components);
}

/** Elements stacked, `size` at a time; the last batch holds the remainder. */
export function batched(from: Elements, size: number): Elements {
  const components = from.components.map(({ dtype, shape }): Spec => ({ dtype, shape: [-1, ...shape] }));
  return elements("BatchDatasetV2", [from.id, int64(size), bool(false)], [], {
    ...described(components),
    parallel_copy: true,
    metadata: "",
  }, components);
}

/** The same elements, with the next `count` of them computed before they are asked for. */
export function prefetched(from: Elements, count: number): Elements {
  const ahead = elements(
    "PrefetchDataset",
    [from.id, int64(count)],
    [],
    { ...described(from.components), metadata: "" },
    from.components,
  );
  return elements("ModelDataset", [ahead.id], [], described(from.components), from.components); // which tunes AUTOTUNE
}

const AUTOTUNE = -1;

const number: Spec = { dtype: "int32", shape: [] };

const resource: Spec = { dtype: "resource", shape: [] };

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

/** Runs an op that makes a data set. Its inputs are released, except the borrowed ones. */
function elements(
  name: string,
  inputs: readonly number[],
  borrowed: readonly number[],
  attributes: Attributes,
  components: readonly Spec[],
): Elements {
  try {
    const [{ id }] = executeEager(name, attributes, inputs, 1);
    return { id, components };
  } finally {
    inputs.filter((input) => !borrowed.includes(input)).forEach(releaseTensor);
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
