import type { Operations, Value } from "../network/operations.ts";
import { type Graph, integer, integers, text } from "./graph.ts";

/** The operations of encoders in TensorFlow.js: images and maps are [N, height, width, C]. */
export function tfjsOperations(graph: Graph): Operations {
  const { node, weight, scalar } = graph;
  const add = (a: Value, b: Value) => node("AddV2", [a, b]);
  const multiply = (a: Value, b: Value) => node("Mul", [a, b]);
  const reshape = (x: Value, ...shape: readonly number[]) => node("Reshape", [x, graph.integers(shape)]);
  const transpose = (x: Value, ...order: readonly number[]) => node("Transpose", [x, graph.integers(order)]);
  const mean = (x: Value, axes: readonly number[], keepDims: boolean) =>
    node("Mean", [x, graph.integers(axes)], { keep_dims: { b: keepDims } });
  const product = (a: Value, b: Value, isTransposed: boolean) =>
    node("BatchMatMulV2", [a, b], { adj_x: { b: false }, adj_y: { b: isTransposed } });
  const first = (tokens: Value) => node("Slice", [tokens, graph.integers([0, 0, 0]), graph.integers([-1, 1, -1])]);
  return {
    convolution: (x, filter, { stride, padding, bias }) => {
      const border = [0, 0, padding, padding, padding, padding, 0, 0];
      const y = node("Conv2D", [x, weight(filter)], {
        ...{ strides: integers(1, stride, stride, 1), dilations: integers(1, 1, 1, 1), data_format: text("NHWC") },
        ...{ padding: text("EXPLICIT"), explicit_paddings: integers(...border) },
      });
      return bias === undefined ? y : node("BiasAdd", [y, weight(bias)], { data_format: text("NHWC") });
    },
    batchNorm: (x, { scale, shift, mean, variance }) =>
      node("FusedBatchNormV3", [x, ...[scale, shift, mean, variance].map(weight)], {
        ...{ epsilon: { f: 1e-5 }, is_training: { b: false }, data_format: text("NHWC") },
      }),
    relu: (x) => node("Relu", [x]),
    maxPool: (x) => {
      // A border of zeros is never the greatest of values that are at least 0, and is never missed either.
      const border = graph.integers([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]);
      return node("MaxPool", [node("PadV2", [x, border, scalar(0)])], {
        ...{ ksize: integers(1, 3, 3, 1), strides: integers(1, 2, 2, 1), padding: text("VALID") },
        data_format: text("NHWC"),
      });
    },
    add,
    part: (x, { top, left, rows, columns }) =>
      node("Slice", [x, graph.integers([0, top, left, 0]), graph.integers([-1, rows, columns, -1])]),
    joined: (features) => node("ConcatV2", [...features, graph.integers([1], [])], { N: integer(features.length) }),
    mapMean: (x) => mean(x, [1, 2], false),
    tokens: (map, count, dimension) => reshape(map, -1, count, dimension),
    withFirst: (tokens, token) => {
      const each = add(node("ZerosLike", [first(tokens)]), weight(token)); // [N, 1, D]
      return node("ConcatV2", [each, tokens, graph.integers([1], [])], { N: integer(2) });
    },
    plus: (tokens, other) => add(tokens, weight(other)),
    layerNorm: (tokens, scale, shift) => {
      const centred = node("Sub", [tokens, mean(tokens, [-1], true)]);
      const variance = mean(node("Square", [centred]), [-1], true);
      const normed = multiply(centred, node("Rsqrt", [add(variance, scalar(1e-6))]));
      return add(multiply(normed, weight(scale)), weight(shift));
    },
    linear: (tokens, matrix, bias) => add(product(tokens, weight(matrix), false), weight(bias)),
    gelu: (x) => {
      const share = add(node("Erf", [multiply(x, scalar(Math.SQRT1_2))]), scalar(1)); // 2 P(X < x)
      return multiply(multiply(x, scalar(0.5)), share);
    },
    attention: (qkv, { count, heads, dimension }) => {
      const width = dimension / heads;
      const byHead = transpose(reshape(qkv, -1, count, 3, heads, width), 2, 0, 3, 1, 4); // [3, N, H, T, d]
      const parts = node("Unpack", [byHead], { num: integer(3), axis: integer(0) });
      const [q, k, v] = [parts, `${parts}:1`, `${parts}:2`]; // [N, H, T, d]
      const scores = multiply(product(q, k, true), scalar(1 / Math.sqrt(width))); // [N, H, T, T]
      const seen = product(node("Softmax", [scores]), v, false); // [N, H, T, d]
      return reshape(transpose(seen, 0, 2, 1, 3), -1, count, dimension);
    },
    firstToken: (tokens) => node("Squeeze", [first(tokens)], { squeeze_dims: integers(1) }),
    tokenMean: (tokens) => mean(tokens, [1], false),
  };
}
