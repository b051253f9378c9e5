/**
 * Donated tensors: a function takes them over, and their memory is free after their last use instead of when the
 * function returns.
 *
 * The caller of a TensorFlow function holds its inputs until it returns, so donated tensors are not passed as inputs.
 * They go into a TensorFlow staging area, their handles are released, and the function takes them out first. Where it
 * then computes element by element, TensorFlow writes the result in their place.
 *
 * @module
 */
import { executeEager, idOf, op, type Tensor, type Threads } from "../native/mod.ts";
import { currentTrace } from "./graph.ts";
import type { Compilation } from "./trace.ts";
import { stagesDonated } from "./policy.ts";
import type { Spec } from "./trace_function.ts";

/** A place where tensors of these dtypes and shapes wait for one function. */
export type StagingArea = { readonly name: string; readonly specs: readonly Spec[] };

let areas = 0;

/** A new staging area; none if the function cannot take tensors from one. */
export function stagingArea(specs: readonly Spec[], compilation: Compilation): StagingArea | undefined {
  return specs.length === 0 || !stagesDonated(compilation) ? undefined : { name: `donated_${areas++}`, specs };
}

/** Puts tensors into their area, where the function runs. The area then holds a reference beside their handles. */
export function stage({ name }: StagingArea, ids: readonly number[], threads: Threads): void {
  executeEager("Stage", { shared_name: name }, ids, 0, threads);
}

/** The tensors, in the trace of the function that takes them. */
export function staged({ name, specs }: StagingArea): Tensor[] {
  const dtypes = specs.map(({ dtype }) => dtype);
  const tensors = op("Unstage", [], { shared_name: name, dtypes });
  tensors.forEach((tensor) => currentTrace()!.donated.add(idOf(tensor)));
  return tensors.map((tensor, index) => op("EnsureShape", [tensor], { shape: specs[index].shape })[0]);
}

/** Frees what a failed function did not take. */
export function clear({ name, specs }: StagingArea, threads: Threads): void {
  executeEager("StageClear", { shared_name: name, dtypes: specs.map(({ dtype }) => dtype) }, [], 0, threads);
}
