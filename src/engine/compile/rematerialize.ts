/**
 * Rematerialization: activations that are computed again where a gradient needs them, instead of being kept from the
 * forward pass on. It costs time and saves memory.
 *
 * Source: arXiv:1604.06174, section 3.
 *
 * @module
 */
import { backend, dtypes, idOf, isSymbol, type Tensor, type TensorMetadata } from "../native/mod.ts";
import { withControlDependencies } from "./control_dependency.ts";
import { currentTrace, executeTraced, metadataOf, nodeOf } from "./graph.ts";
import type { Trace } from "./trace.ts";

/** How an activation is computed again. */
type Recipe = {
  readonly from: readonly TensorMetadata[];
  readonly make: (from: readonly Tensor[]) => Tensor;
};

const recipes = new WeakMap<Trace, Map<number, Recipe>>();
const copies = new WeakMap<Trace, Map<number, number>>();

/** Ops of one result that are recomputed together with their inputs, as they are a pass over memory at most. */
const cheap: ReadonlySet<string> = new Set(["Relu", "Reshape", "ConcatV2"]);

/**
 * Registers how an activation of the open trace can be recomputed. What ReLU, reshapes and concatenations make of it can
 * then be recomputed too. If no trace is open, nothing happens, because eager results are kept.
 *
 * @param x The activation.
 * @param from What it is computed from. The gradient keeps it in any case, or recomputes it too.
 * @param make Computes it; pure, and not differentiated.
 */
export function rematerializable(x: Tensor, from: readonly Tensor[], make: Recipe["make"]): void {
  const trace = currentTrace();
  const sources = backend().getInputTensorIds([...from]);
  if (trace === undefined || !sources.every(isSymbol)) return;
  tableOf(recipes, trace).set(idOf(x), { from: sources.map((id) => metadataOf(trace, id)), make });
}

/**
 * The activation for use in a gradient: recomputed if it is rematerializable, else as it is.
 *
 * @param x The activation, as the forward pass made it.
 * @param awaited What must be available before it is recomputed. It is recomputed once, so only the first call's value
 *   counts.
 */
export function rematerialized(x: Tensor, awaited: readonly Tensor[]): Tensor {
  const trace = currentTrace();
  const copy = trace && copyOf(trace, idOf(x), awaited);
  return copy === undefined ? x : tensorOf(trace!, copy);
}

function copyOf(trace: Trace, id: number, awaited: readonly Tensor[]): number | undefined {
  const known = tableOf(copies, trace);
  const copy = known.get(id) ?? byRecipe(trace, id, awaited) ?? byNode(trace, id, awaited);
  if (copy !== undefined) known.set(id, copy);
  return copy;
}

function byRecipe(trace: Trace, id: number, awaited: readonly Tensor[]): number | undefined {
  const recipe = tableOf(recipes, trace).get(id);
  // Tensors end with the scope in which they are made, but the trace's symbols end with the trace.
  const sources = recipe?.from.map(({ id }) => tensorOf(trace, copyOf(trace, id, awaited) ?? id));
  return sources && idOf(recipe!.make(withControlDependencies(sources, awaited)));
}

function byNode(trace: Trace, id: number, awaited: readonly Tensor[]): number | undefined {
  const node = nodeOf(trace, id);
  if (node === undefined || !cheap.has(node.op)) return undefined;
  // Shapes and axes stay. Of the others each needs a copy: what is kept all the same would be kept beside the copies.
  const isInteger = (input: number) => metadataOf(trace, input).dtype === dtypes.int32;
  const inputs = node.inputs.map((input) => isInteger(input) ? input : copyOf(trace, input, awaited));
  if (inputs.includes(undefined)) return undefined;
  return executeTraced(trace, node.op, node.attributes, inputs as number[])[0].id;
}

function tensorOf(trace: Trace, id: number): Tensor {
  return backend().createOutputTensor(metadataOf(trace, id));
}

function tableOf<Value>(tables: WeakMap<Trace, Map<number, Value>>, trace: Trace): Map<number, Value> {
  const table = tables.get(trace) ?? new Map<number, Value>();
  tables.set(trace, table);
  return table;
}
