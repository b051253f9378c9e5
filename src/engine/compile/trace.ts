/**
 * What is known about a function while it is traced.
 *
 * @module
 */
import type { Attributes, Bytes, DType, Pointer, TensorMetadata } from "../native/mod.ts";

/** A value of the graph. */
export type Symbol = {
  /** The `TF_Output` that makes it. */
  readonly output: Bytes;
  readonly shape: number[];
  readonly dtype: number;
  /** About when it is there, if every op has a core as soon as its inputs are there: nanoseconds from the start. */
  readonly ready: number;
};

/** How a function is compiled. */
export type Compilation = {
  /** The precision of products and convolutions. */
  readonly precision: "float32" | "bfloat16";
  /** Whether tensors are cast between the precisions while the function is traced. Default false. */
  readonly mixed?: boolean;
  /** Whether XLA compiles the function. */
  readonly xla: boolean;
};

/** The description of a tensor that does not exist yet. */
export type Spec = { readonly dtype: DType; readonly shape: readonly number[] };

/** A function that XLA compiles: what it is given, and what it returns. */
export type Kernel = { readonly inputs: readonly Spec[]; readonly outputs: readonly TensorMetadata[] };

/** An op of the graph, as it was requested. */
export type Node = { readonly op: string; readonly attributes: Attributes; readonly inputs: readonly number[] };

/** A graph under construction. */
export type Trace = {
  /** The traced function's name, for messages. */
  readonly name: string;
  readonly compilation: Compilation;
  readonly graph: Pointer;
  readonly symbols: Map<number, Symbol>;
  /** Eager tensors that became inputs of the function, in order: their handles, held by the trace. */
  readonly captured: { readonly placeholder: Symbol; readonly handle: Pointer }[];
  /** Symbols that hold donated tensors, or may be written over them. */
  readonly donated: Set<number>;
  /** The op that made each symbol. */
  readonly nodes: Map<number, Node>;
  /** Symbols in another precision, by those that they were cast from. */
  readonly casts: Map<number, number>;
  /** The kernels that it calls, by name. */
  readonly kernels: Map<string, Kernel>;
  /** How many nodes the graph has. */
  size: number;
  /** About how long one core takes for all of them, nanoseconds. */
  work: number;
  /** About how long they take if every op has a core as soon as its inputs are there, nanoseconds. */
  longestPath: number;
};
