import { dtypeOf, op, releaseTensor, type Tensor } from "../native/mod.ts";
import { inFloat32 } from "./in_float32.ts";
import { type Spec, traceFunction } from "./trace_function.ts";

/**
 * Runs one of several functions, chosen by a number that is known only at run time. The others do not run.
 *
 * @param which int32 scalar, the function's index in `branches`. An index out of range means the last one.
 * @param branches Functions of the inputs. They close over no tensor larger than a constant.
 * @param inputs The inputs of each of them.
 * @param outputs What each of them returns, with -1 for a size that is known only at run time.
 * @throws {TypeError} if a branch closes over a large tensor.
 */
export function choose(
  which: Tensor,
  branches: readonly ((inputs: Tensor[]) => readonly Tensor[])[],
  inputs: readonly Tensor[],
  outputs: readonly Spec[],
): Tensor[] {
  const given = inputs.map(inFloat32); // the branches are
  const specs = given.map((input): Spec => ({ dtype: dtypeOf(input), shape: input.shape }));
  const names = branches.map((branch, place) => {
    const name = branch.name || `branch_${place}`;
    const { functionName, captured } = traceFunction(name, { precision: "float32", xla: false }, specs, branch);
    if (captured.length > 0) {
      captured.forEach(releaseTensor);
      throw new TypeError(`Cannot choose "${name}": expected constants, found that it closes over a large tensor`);
    }
    return functionName;
  });
  return op("StatelessCase", [which, given], {
    branches: names,
    Tout: outputs.map(({ dtype }) => dtype),
    output_shapes: outputs.map(({ shape }) => shape),
  });
}
