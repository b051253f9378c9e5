import { backend, type Tensor } from "./backend.ts";
import type { Attributes } from "./attributes.ts";
import { dtypeName, dtypes } from "./dtype.ts";
import { currentTrace, executeTraced, isSymbol, toSymbol } from "./graph.ts";

/**
 * The same tensors, not there before others are.
 *
 * In a trace, what is computed from them is scheduled after `awaited`, and stays apart from what is computed from the
 * originals: a compiler would otherwise merge two equal computations and keep the first one's result in memory until the
 * second place needs it. Eager ops run in the order in which they are called, and the tensors come back as they are.
 *
 * @param tensors Of any dtypes and shapes.
 * @param awaited Of any dtypes and shapes; their values are not read.
 */
export function after(tensors: readonly Tensor[], awaited: readonly Tensor[]): Tensor[] {
  const trace = currentTrace();
  const awaitedIds = backend().getInputTensorIds(awaited).filter(isSymbol);
  if (trace === undefined || awaitedIds.length === 0) return [...tensors];
  const ids = backend().getInputTensorIds(tensors);
  const run = (op: string, attributes: Attributes, inputs: readonly number[], control: readonly number[] = []) =>
    executeTraced(trace, op, attributes, inputs, control).map((metadata) => backend().createOutputTensor(metadata));
  if (!trace.xla) return ids.flatMap((id) => run("Identity", {}, [id], awaitedIds));
  // XLA has no order beside that of values: to it, the barrier computes all of its outputs from all of its inputs.
  // Random keys stay in front of it, as XLA draws other numbers from a key that it cannot read while it compiles.
  const delayed = ids.filter((id) => toSymbol(trace, id).dtype === dtypes.float32);
  const through = [...delayed, ...awaitedIds];
  const types = through.map((id) => dtypeName(toSymbol(trace, id).dtype));
  const behind = run("XlaOptimizationBarrier", { T: types }, through);
  return ids.map((id, index) => delayed.includes(id) ? behind[delayed.indexOf(id)] : tensors[index]);
}
