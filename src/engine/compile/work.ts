/**
 * How much work an op is, from its shapes alone.
 *
 * @module
 */
import type { Attributes } from "../native/mod.ts";

type Shape = readonly number[];

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** The products that are summed for each number of a result: height x width x channels of a filter. */
const ofFilter = (filter: Shape): number => size(filter.slice(0, -1));

/** Pairs of a multiplication and an addition in the convolutions and matrix products; the other ops have none. */
const products: Readonly<Record<string, (inputs: readonly Shape[], output: Shape, attributes: Attributes) => number>> =
  {
    MatMul: ([a], output, { transpose_a }) => size(output) * a[transpose_a ? 0 : 1],
    BatchMatMulV2: ([x], output, { adj_x }) => size(output) * x.at(adj_x ? -2 : -1)!,
    Conv2D: ([, filter], output) => size(output) * ofFilter(filter),
    Conv2DBackpropInput: ([, filter, gradient]) => size(gradient) * ofFilter(filter),
    Conv2DBackpropFilter: ([, , gradient], output) => size(gradient) * ofFilter(output),
  };

/**
 * About how long one core takes for an op, in nanoseconds, in each of which it does 80 products or writes two numbers.
 *
 * @param name The op.
 * @param inputs The shapes of its inputs.
 * @param outputs The shapes of its results. A length that is not known is negative, and counts as nothing.
 * @param attributes The op's attributes.
 */
export function workOf(
  name: string,
  inputs: readonly Shape[],
  outputs: readonly Shape[],
  attributes: Attributes,
): number {
  const multiplied = products[name]?.(inputs, outputs[0], attributes) ?? 0;
  const written = outputs.reduce((sum, shape) => sum + size(shape), 0);
  return Math.max(0, multiplied / 80 + written / 2);
}
