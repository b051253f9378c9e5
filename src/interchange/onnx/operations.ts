import { withTheirAxes } from "../layouts/axes.ts";
import type { Operations } from "../network/operations.ts";
import { type Graph, real } from "./graph.ts";

/** The operations of encoders in ONNX: images and maps are [N, C, height, width]. */
export function onnxOperations(graph: Graph): Operations {
  const { node, weight, integers } = graph;
  return {
    convolution: (x, filter, { stride, padding, bias }) =>
      node("Conv", [x, weight(withTheirAxes(filter), 0), ...bias === undefined ? [] : [weight(bias)]], {
        strides: [stride, stride],
        pads: [padding, padding, padding, padding],
      }),
    batchNorm: (x, { scale, shift, mean, variance }) =>
      node("BatchNormalization", [x, ...[scale, shift, mean, variance].map((values) => weight(values))], {
        epsilon: real(1e-5),
      }),
    relu: (x) => node("Relu", [x]),
    maxPool: (x) => node("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    add: (a, b) => node("Add", [a, b]),
    part: (x, { top, left, rows, columns }) =>
      node("Slice", [x, integers(top, left), integers(top + rows, left + columns), integers(2, 3)]),
    joined: (features) => node("Concat", features, { axis: 1 }),
    mapMean: (x) => node("Flatten", [node("GlobalAveragePool", [x])], { axis: 1 }),
    tokens: (map, count, dimension) =>
      node("Transpose", [node("Reshape", [map, integers(0, dimension, count)])], { perm: [0, 2, 1] }),
    withFirst: (tokens, first) => {
      const images = node("Shape", [tokens], { start: 0, end: 1 });
      const each = node("Expand", [weight(first), node("Concat", [images, integers(1, 1)], { axis: 0 })]); // [N, 1, D]
      return node("Concat", [each, tokens], { axis: 1 });
    },
    plus: (tokens, other) => node("Add", [tokens, weight(other)]),
    layerNorm: (tokens, scale, shift) =>
      node("LayerNormalization", [tokens, weight(scale), weight(shift)], { axis: -1, epsilon: real(1e-6) }),
    linear: (tokens, matrix, bias) => node("Add", [node("MatMul", [tokens, weight(matrix, 1)]), weight(bias)]),
    gelu: (x) => node("Gelu", [x]),
    attention: (qkv, { heads, dimension }) => {
      const width = dimension / heads;
      const apart = node("Reshape", [qkv, integers(0, -1, 3, heads, width)]); // [N, T, 3, H, d]
      const byHead = node("Transpose", [apart], { perm: [2, 0, 3, 1, 4] }); // [3, N, H, T, d]
      const [q, k, v] = graph.nodes("Split", [byHead], 3, { axis: 0, num_outputs: 3 })
        .map((part) => node("Squeeze", [part, integers(0)])); // [N, H, T, d]
      const scores = node("MatMul", [q, node("Transpose", [k], { perm: [0, 1, 3, 2] })]); // [N, H, T, T]
      const scaled = node("Mul", [scores, graph.scalar(1 / Math.sqrt(width))]);
      const seen = node("MatMul", [node("Softmax", [scaled], { axis: -1 }), v]); // [N, H, T, d]
      return node("Reshape", [node("Transpose", [seen], { perm: [0, 2, 1, 3] }), integers(0, -1, dimension)]);
    },
    firstToken: (tokens) => node("Gather", [tokens, node("Squeeze", [integers(0), integers(0)])], { axis: 1 }),
    tokenMean: (tokens) => node("ReduceMean", [tokens, integers(1)], { keepdims: 0 }),
  };
}
