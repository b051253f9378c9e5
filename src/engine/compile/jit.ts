/**
 * `jit`: a pure function over trees of tensors, traced once per structure, shapes and dtypes, and run as one
 * TensorFlow function from then on.
 *
 * @module
 */
import {
  type Attributes,
  backend,
  type Bytes,
  bytesField,
  dtypeOfId,
  executeEager,
  giveBackMemory,
  integerField,
  releaseTensor,
  type Tensor,
  type TensorMetadata,
  tf,
} from "../native/mod.ts";
import { clear, stage, staged, type StagingArea, stagingArea } from "./donation.ts";
import { currentTrace } from "./graph.ts";
import { compileKernels } from "./kernels.ts";
import { castsWhileTraced, gainsFromBfloat16, precisionFor, rewrites } from "./policy.ts";
import type { Compilation } from "./trace.ts";
import { type Spec, type TracedFunction, traceFunction } from "./trace_function.ts";

/** How a function is compiled. */
export type JitOptions = {
  /**
   * "bfloat16" lets matrix products and convolutions compute in lower precision: in bfloat16 on processors that are
   * faster in it, and in float16 on GPUs. Layers of this library keep activations in it. On other processors the
   * function stays in float32. Parameters, gradients and results are float32 everywhere, and so is what tfjs's own ops
   * compute. Default "float32".
   */
  readonly precision?: "float32" | "bfloat16";
  /** Compile through XLA. Default false. */
  readonly xla?: boolean;
  /**
   * Indices of the arguments that a call takes over. It frees their tensors, and writes results in their memory. The
   * caller must not use them again, even if the call fails. A clone of one keeps its values. Default: none.
   */
  readonly donated?: readonly number[];
  /** The function's name in messages. Default: its own name. */
  readonly name?: string;
};

/** A tensor, or a readonly record of trees. Records may be nested to any depth and may be empty. */
export type Tree = Tensor | { readonly [name: string]: Tree };

type Compiled = TracedFunction & {
  /** Indices of leaves: those that are the function's inputs, and those that it takes over. */
  readonly inputs: readonly number[];
  readonly donated: readonly number[];
  /** The source of the leaves that it takes over; undefined if they are inputs too. */
  readonly area?: StagingArea;
  readonly result: Structure;
  /** How TensorFlow is to run it. */
  readonly attributes: Attributes;
};

/** The shape of a tree: the index of a leaf, or a structure for each name. */
type Structure = number | { readonly [name: string]: Structure };

/**
 * The same function, compiled.
 *
 * While `f` is traced, its tensors have shapes but no values. Reading one throws, and so does using one after the
 * trace. An eager tensor that `f` closes over is captured as it is at that moment. Calling a compiled function inside
 * the trace of another inlines it.
 *
 * @param f A pure function over trees of tensors. Whatever else it closes over is fixed when it is traced.
 * @param options The precision, and which arguments the function takes over.
 * @returns A function that borrows its arguments, except the donated ones, and returns fresh tensors.
 * @throws {RangeError} if an argument that is to be donated does not exist.
 * @throws {TypeError} if an argument or the result holds anything but live tensors; the message names the path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jit, tf } from "@momentum-contrast/moco";
 *
 * const lengths = jit((x: { a: tf.Tensor; b: tf.Tensor }) => tf.sqrt(tf.add(tf.square(x.a), tf.square(x.b))));
 * const result = lengths({ a: tf.tensor1d([3, 5]), b: tf.tensor1d([4, 12]) });
 * assertEquals([...result.dataSync()], [5, 13]);
 * ```
 */
export function jit<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  options: JitOptions = {},
): (...args: Args) => Result {
  const name = options.name ?? (f.name || "anonymous");
  const cache = new Map<string, Compiled>();
  return (...args: Args): Result => {
    if (currentTrace() !== undefined) return f(...args);
    const leaves: Tensor[] = [];
    const structures = args.map((argument, index) => flatten(argument, leaves, `argument ${index} of "${name}"`));
    const ids = backend().getInputTensorIds(leaves);
    const specs = leaves.map(({ shape }, index) => ({ dtype: dtypeOfId(ids[index]), shape }));
    const signature = JSON.stringify(structures) + specs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
    let compiled = cache.get(signature);
    const first = compiled === undefined;
    if (compiled === undefined) cache.set(signature, compiled = trace(f, name, options, specs, structures));
    const results = call(compiled, leaves, ids);
    if (first) giveBackMemory(); // of what compiled the function, little runs it
    return unflatten(compiled.result, results.map((metadata) => backend().createOutputTensor(metadata))) as Result;
  };
}

function trace<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  name: string,
  options: JitOptions,
  specs: readonly Spec[],
  structures: readonly Structure[],
): Compiled {
  const { donated: places = [], precision = "float32", xla = false } = options;
  const absent = places.find((place) => structures[place] === undefined);
  if (absent !== undefined) {
    throw new RangeError(`Cannot donate argument ${absent} of "${name}": expected a place below ${structures.length}`);
  }
  const how = { precision: precisionFor(precision), xla };
  const compilation: Compilation = { ...how, mixed: castsWhileTraced(how) };
  const donated = places.flatMap((place) => indicesIn(structures[place]));
  const area = stagingArea(donated.map((index) => specs[index]), compilation);
  const inputs = [...specs.keys()].filter((index) => area === undefined || !donated.includes(index));
  let result: Structure | undefined;
  const traced = traceFunction(name, compilation, inputs.map((index) => specs[index]), (given) => {
    const leaves: Tensor[] = [];
    inputs.forEach((index, at) => leaves[index] = given[at]);
    if (area !== undefined) staged(area).forEach((tensor, at) => leaves[donated[at]] = tensor);
    const outputs: Tensor[] = [];
    const value = f(...structures.map((structure) => unflatten(structure, leaves)) as unknown as Args);
    result = flatten(value, outputs, `the result of "${name}"`);
    return outputs;
  });
  if (how.precision === "bfloat16" && !gainsFromBfloat16(traced)) {
    traced.captured.forEach(releaseTensor);
    return trace(f, name, { ...options, precision: "float32" }, specs, structures);
  }
  const attributes = callAttributes(compilation);
  compileKernels(traced, attributes);
  return { ...traced, inputs, donated, area, result: result!, attributes };
}

function call(
  { functionName, threads, captured, outputs, inputs, donated, area, attributes }: Compiled,
  leaves: readonly Tensor[],
  ids: readonly number[],
): TensorMetadata[] {
  const free = () => donated.forEach((index) => leaves[index].dispose());
  try {
    if (area !== undefined) {
      stage(area, donated.map((index) => ids[index]), threads);
      free();
    }
    const given = [...inputs.map((index) => ids[index]), ...captured];
    // An empty shape is that of a scalar, or that of a result whose rank is not known.
    const shapes = outputs.map(({ shape }) => shape.length === 0 || shape.includes(-1) ? undefined : shape);
    return executeEager(functionName, attributes, given, outputs.length, threads, shapes);
  } catch (error) {
    if (area !== undefined) clear(area, threads);
    throw error;
  } finally {
    free();
  }
}

function flatten(tree: Tree, leaves: Tensor[], where: string): Structure {
  if (tree instanceof tf.Tensor) {
    if (tree.isDisposed) throw new TypeError(`Cannot use ${where}: expected a live tensor, found a released one`);
    return leaves.push(tree) - 1;
  }
  if (tree === null || typeof tree !== "object" || Array.isArray(tree)) {
    const found = Array.isArray(tree) ? "an array" : tree === null ? "null" : `a ${typeof tree}`;
    throw new TypeError(`Cannot compile ${where}: expected tensors in nested records, found ${found}`);
  }
  return Object.fromEntries(
    Object.entries(tree).map(([name, child]) => [name, flatten(child, leaves, `${where}, at "${name}"`)]),
  );
}

function unflatten(structure: Structure, leaves: readonly Tensor[]): Tree {
  if (typeof structure === "number") return leaves[structure];
  return Object.fromEntries(Object.entries(structure).map(([name, child]) => [name, unflatten(child, leaves)]));
}

function indicesIn(structure: Structure): number[] {
  return typeof structure === "number" ? [structure] : Object.values(structure).flatMap(indicesIn);
}

// Field numbers of ConfigProto, GraphOptions and RewriterConfig in tensorflow/core/protobuf, and values of
// RewriterConfig.
const [graphOptions, rewriteOptions] = [10, 10];
const [memoryOptimization, metaOptimizerIterations] = [4, 12];
const autoMixedPrecision = 23;
const [on, none, one] = [1, 1, 1];

function callAttributes(compilation: Compilation): Attributes {
  if (compilation.xla) return { _XlaMustCompile: true };
  const { once, float16 } = rewrites(compilation);
  // Without its own ConfigProto, the call's graph runs as it was traced. With one, Grappler rewrites it first: it folds
  // constants, merges what is computed twice, and fuses batch norm with ReLU and products with their bias.
  const config = [
    ...(once ? [...integerField(memoryOptimization, none), ...integerField(metaOptimizerIterations, one)] : []),
    ...(float16 ? integerField(autoMixedPrecision, on) : []),
  ];
  return { config_proto: Uint8Array.from(bytesField(graphOptions, bytesField(rewriteOptions, config))) as Bytes };
}
