import {
  backend,
  type DType,
  releaseTensor,
  type Tensor,
  type TensorMetadata,
  tf,
  type Threads,
} from "../native/mod.ts";
import { executeTraced, placeholder, takeCaptured, toFunction, toSymbol, withTrace } from "./graph.ts";
import { threadsFor } from "./policy.ts";
import type { Compilation, Trace } from "./trace.ts";

/** The description of a tensor that does not exist yet. */
export type Spec = { readonly dtype: DType; readonly shape: readonly number[] };

/** A TensorFlow function. */
export type TracedFunction = {
  readonly functionName: string;
  /** How many threads each of its ops takes. */
  readonly threads: Threads;
  /** Handles of captured tensors, as ids: they are the function's last inputs. */
  readonly captured: readonly number[];
  readonly outputs: readonly TensorMetadata[];
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
      const outputs = backend().getInputTensorIds([...results]).map((id) => identity(trace, id));
      toFunction(trace, functionName, given.map(({ id }) => id), outputs.map(({ id }) => id));
      return { functionName, threads: threadsFor(trace), captured: takeCaptured(trace), outputs };
    }) as unknown as tf.TensorContainer) as unknown as TracedFunction;
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
function identity(trace: Trace, id: number): TensorMetadata {
  toSymbol(trace, id);
  return executeTraced(trace, "Identity", {}, [id])[0];
}
