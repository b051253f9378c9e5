/**
 * Turns each element-wise part of a compiled function into one XLA kernel. It takes one pass over memory, where
 * TensorFlow's own kernels take one for every op.
 *
 * @module
 */
import { backend, type DType, dtypeOf, op, releaseTensor, type Tensor } from "../native/mod.ts";
import { callFunction, currentTrace } from "./graph.ts";
import { fusesElementwise } from "./policy.ts";
import { type Spec, type TracedFunction, traceFunction } from "./trace_function.ts";

/**
 * The same function, which becomes one kernel in a trace. Eagerly, and on a GPU, it runs as it is. If one of its inputs
 * is in bfloat16, its results are too. The kernel computes in float32.
 *
 * @param name What it computes, for messages.
 * @param f A pure function that reads no tensors other than its inputs and small constants. It is not differentiable as
 *   a whole. Use it where no gradient is taken, or in the body of an op that defines its own.
 */
export function fused(
  name: string,
  f: (...inputs: Tensor[]) => readonly Tensor[],
): (...inputs: Tensor[]) => readonly Tensor[] {
  const known = new Map<string, TracedFunction>();
  return (...inputs) => {
    const trace = currentTrace();
    if (trace === undefined || !fusesElementwise()) return f(...inputs);
    const specs = inputs.map((input) => ({ dtype: dtypeOf(input) as DType, shape: input.shape }));
    const signature = JSON.stringify(specs);
    let part = known.get(signature);
    if (part === undefined) known.set(signature, part = compile(name, f, specs));
    return callFunction(trace, part.functionName, backend().getInputTensorIds(inputs), part.outputs)
      .map((output) => backend().createOutputTensor(output));
  };
}

function compile(name: string, f: (...inputs: Tensor[]) => readonly Tensor[], specs: readonly Spec[]): TracedFunction {
  const inBfloat16 = specs.some(({ dtype }) => dtype === "bfloat16");
  const cast = (DstT: DType) => (x: Tensor) => inBfloat16 && x.dtype === "float32" ? op("Cast", [x], { DstT })[0] : x;
  const part = traceFunction(
    name,
    { precision: "float32", xla: true },
    specs,
    (inputs) => f(...inputs.map(cast("float32"))).map(cast("bfloat16")),
  );
  if (part.captured.length > 0) {
    part.captured.forEach(releaseTensor);
    throw new TypeError(`Cannot fuse "${name}": it reads a tensor that is not among its inputs`);
  }
  return part;
}
