/**
 * Element-wise parts of a compiled function as one kernel of XLA each: one pass over memory where TensorFlow's own kernels
 * take one for every op.
 *
 * @module
 */
import { backend, type Tensor, tf } from "./backend.ts";
import type { DType } from "./dtype.ts";
import type { TensorMetadata } from "./eager.ts";
import {
  callFunction,
  compiledByXla,
  currentTrace,
  executeTraced,
  placeholder,
  toFunction,
  withTrace,
} from "./graph.ts";
import { dtypeOf } from "./op.ts";
import { hasGpu } from "./runtime.ts";

type Spec = { readonly dtype: DType; readonly shape: readonly number[] };
type Part = { readonly functionName: string; readonly outputs: readonly TensorMetadata[] };

let parts = 0;

/**
 * The same function, which in a trace becomes one kernel. Eagerly, and on a GPU, it runs as it is.
 *
 * @param name What it computes, for messages.
 * @param f A pure function that reads no other tensors than its inputs and small constants. It is not differentiable as
 * a whole: it belongs where no gradient is taken, such as an optimizer, or the body of an op that defines its own.
 */
export function fused(
  name: string,
  f: (...inputs: Tensor[]) => readonly Tensor[],
): (...inputs: Tensor[]) => readonly Tensor[] {
  const known = new Map<string, Part>();
  return (...inputs) => {
    const trace = currentTrace();
    if (trace === undefined || compiledByXla() || hasGpu()) return f(...inputs);
    const specs = inputs.map((input) => ({ dtype: dtypeOf(input) as DType, shape: input.shape }));
    const signature = JSON.stringify(specs);
    let part = known.get(signature);
    if (part === undefined) known.set(signature, part = compile(name, f, specs));
    return callFunction(trace, part.functionName, backend().getInputTensorIds(inputs), part.outputs)
      .map((output) => backend().createOutputTensor(output));
  };
}

function compile(name: string, f: (...inputs: Tensor[]) => readonly Tensor[], inputs: readonly Spec[]): Part {
  const functionName = `fused_${parts++}_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
  return withTrace(name, { precision: "float32", xla: true }, (trace) =>
    tf.tidy(() => {
      const given = inputs.map(({ dtype, shape }) => placeholder(trace, dtype, shape));
      const results = f(...given.map((input) => backend().createOutputTensor(input)));
      const outputs = backend().getInputTensorIds([...results])
        .map((id) => executeTraced(trace, "Identity", {}, [id])[0]); // an input may not be an output
      if (trace.captured.length > 0) {
        throw new TypeError(`Cannot fuse "${name}": it reads a tensor that is not among its inputs`);
      }
      toFunction(trace, functionName, given.map((input) => input.id), outputs.map((output) => output.id));
      return { functionName, outputs } as unknown as tf.TensorContainer;
    }) as unknown as Part);
}
