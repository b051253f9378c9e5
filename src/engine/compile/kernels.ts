import {
  type Attributes,
  backend,
  createTensor,
  dtypeWidth,
  executeEager,
  giveBackMemory,
  releaseTensor,
} from "../native/mod.ts";
import { callFunction, currentTrace } from "./graph.ts";
import { type TracedFunction, traceFunction } from "./trace_function.ts";

/**
 * Compiles the XLA kernels that a function calls, by running each of them once on zeros. Otherwise the function's first
 * run would compile them while its activations are in memory, and XLA's compiler takes more than 100 MiB beside them.
 *
 * @param traced The function.
 * @param attributes How TensorFlow runs it. A kernel is found again only if it was called from a graph that ran alike.
 */
export function compileKernels({ kernels, threads }: TracedFunction, attributes: Attributes): void {
  for (const [name, { inputs, outputs }] of kernels) {
    if (inputs.some(({ shape }) => shape.includes(-1))) continue; // known only when it runs
    const call = traceFunction(`compile ${name}`, { precision: "float32", xla: false }, inputs, (given) => {
      const results = callFunction(currentTrace()!, name, backend().getInputTensorIds(given), outputs);
      return results.map((result) => backend().createOutputTensor(result));
    });
    const zeros = inputs.map(({ shape, dtype }) => {
      const count = shape.reduce((product, length) => product * length, 1);
      return createTensor(shape, dtype, new Uint8Array(count * dtypeWidth(dtype)));
    });
    try {
      executeEager(call.functionName, attributes, zeros, outputs.length, threads).forEach(({ id }) =>
        releaseTensor(id)
      );
    } finally {
      zeros.forEach(releaseTensor);
    }
  }
  if (kernels.size > 0) giveBackMemory();
}
