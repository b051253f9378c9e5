import { dtypeOf, op, type Tensor } from "../native/mod.ts";
import { type Spec, traceFunction } from "./trace_function.ts";

/**
 * One of several functions, chosen by a number that is known only when it runs; the others do not run.
 *
 * @param which int32 scalar, the function's place in `branches`. A place that is not there means the last one.
 * @param branches Functions of the inputs. They close over no tensor larger than a constant.
 * @param inputs What each of them is given.
 * @param outputs What each of them returns, with -1 for a size that is not known before it runs.
 * @throws {TypeError} if a branch closes over a large tensor.
 */
export function choose(
  which: Tensor,
  branches: readonly ((inputs: Tensor[]) => readonly Tensor[])[],
  inputs: readonly Tensor[],
  outputs: readonly Spec[],
): Tensor[] {
  const specs = inputs.map((input): Spec => ({ dtype: dtypeOf(input), shape: input.shape }));
  const names = branches.map((branch, place) => {
    const name = branch.name || `branch_${place}`;
    const { functionName, captured } = traceFunction(name, { precision: "float32", xla: false }, specs, branch);
    if (captured.length > 0) {
      throw new TypeError(`Cannot choose "${name}": expected constants, found that it closes over a large tensor`);
    }
    return functionName;
  });
  return op("StatelessCase", [which, inputs], {
    branches: names,
    Tout: outputs.map(({ dtype }) => dtype),
    output_shapes: outputs.map(({ shape }) => shape),
  });
}
