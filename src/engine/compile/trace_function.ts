import { backend, dtypes, releaseTensor, type Tensor, type TensorMetadata, tf, type Threads } from "../native/mod.ts";
import { dtypeIn, executeTraced, placeholder, takeCaptured, toFunction, toSymbol, withTrace } from "./graph.ts";
import { inFloat32 } from "./in_float32.ts";
import { threadsFor } from "./policy.ts";
import type { Compilation, Kernel, Spec, Trace } from "./trace.ts";

export type { Spec };

/** A TensorFlow function. */
export type TracedFunction = {
  readonly functionName: string;
  /** How many threads each of its ops takes. */
  readonly threads: Threads;
  /** Handles of captured tensors, as ids: they are the function's last inputs. */
  readonly captured: readonly number[];
  readonly outputs: readonly TensorMetadata[];
  /** The kernels that it calls, by name. */
  readonly kernels: ReadonlyMap<string, Kernel>;
  /** About how long one core takes for one of its ops, on average, nanoseconds. */
  readonly workOfOp: number;
};

let functions = 0;

/**
 * Traces a function of tensors into a TensorFlow function.
 *
 * @param name The function's name in messages.
 * @param compilation How it is compiled.
 * @param inputs What it will be given.
 * @param f A pure function; its results may be inputs, constants or one another.
 * @throws {TypeError} if tensors of the trace were kept beyond it.
 */
export function traceFunction(
  name: string,
  compilation: Compilation,
  inputs: readonly Spec[],
  f: (inputs: Tensor[]) => readonly Tensor[],
): TracedFunction {
  const functionName = `traced_${functions++}_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
  const before = tf.memory().numTensors;
  const traced = withTrace(name, compilation, (trace) =>
    tf.tidy(() => {
      const given = inputs.map(({ dtype, shape }) => placeholder(trace, dtype, shape));
      const results = f(given.map((input) => backend().createOutputTensor(input)));
      const outputs = backend().getInputTensorIds(results.map(inFloat32)).map((id) => result(trace, id));
      toFunction(trace, functionName, given.map(({ id }) => id), outputs.map(({ id }) => id));
      const captured = takeCaptured(trace);
      const made: TracedFunction = {
        functionName,
        threads: threadsFor(trace),
        captured,
        outputs,
        kernels: trace.kernels,
        workOfOp: trace.work / trace.size,
      };
      return made as unknown as Tensor; // tidy passes on what is no tensor
    }) as unknown as TracedFunction);
  const leaked = tf.memory().numTensors - before;
  if (leaked > 0) {
    traced.captured.forEach(releaseTensor);
    throw new TypeError(
      `Cannot compile "${name}": ${leaked} of its tensors were kept beyond the trace; ` +
        "return them from the function instead",
    );
  }
  return traced;
}

/** Makes each output a node of its own, as a function may not return an input, a constant, or the same result twice. */
function result(trace: Trace, id: number): TensorMetadata {
  toSymbol(trace, id);
  const identity = executeTraced(trace, "Identity", {}, [id])[0];
  return { ...identity, dtype: dtypes[dtypeIn(trace, identity.id)] };
}
