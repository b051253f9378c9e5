import { backend, type DType, dtypeName, dtypeOf, dtypeWidth, type Tensor, tf } from "../native/mod.ts";
import { placeholder, withTrace } from "./graph.ts";
import type { Spec } from "./trace_function.ts";

/** What a function would compute. */
export type Foreseen = {
  /** Bytes of each of its results. */
  readonly results: readonly number[];
  /** Bytes of everything that it computes on the way, including its results. */
  readonly all: number;
};

/**
 * What a function of tensors would compute, from shapes alone. The function is traced, so nothing is computed or held
 * in memory.
 *
 * @param inputs What it would be given.
 * @param f A pure function.
 */
export function foreseen(inputs: readonly Spec[], f: (inputs: Tensor[]) => readonly Tensor[]): Foreseen {
  return withTrace("foreseen", { precision: "float32", xla: false }, (trace) =>
    tf.tidy(() => {
      const given = inputs.map(({ dtype, shape }) => backend().createOutputTensor(placeholder(trace, dtype, shape)));
      const results = f(given).map((result) => bytesOf(dtypeOf(result), result.shape));
      const made = [...trace.symbols.values()].map(({ dtype, shape }) => bytesOf(dtypeName(dtype), shape));
      return { results, all: made.reduce((sum, bytes) => sum + bytes, 0) };
    }) as unknown as tf.TensorContainer) as unknown as Foreseen;
}

function bytesOf(dtype: DType, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, dtypeWidth(dtype));
}
