import type { StoredTensor } from "../../files/safetensors.ts";
import { withTheirAxes } from "../layouts/axes.ts";
import { type ResNetEncoder, resnetSizes } from "../formats/shapes.ts";
import { type Graph, real, type Value } from "./graph.ts";

/** The tensor of a name below the backbone. */
export type Tensors = (name: string) => StoredTensor;

/**
 * A ResNet in a graph: from images [N, C, height, width] to the last map [N, F, h, w] and its mean [N, F].
 *
 * @param graph Takes the nodes.
 * @param images The images, normalised.
 * @param settings Which ResNet.
 * @param tensors Its values.
 */
export function resnetGraph(
  graph: Graph,
  images: Value,
  settings: ResNetEncoder,
  tensors: Tensors,
): { readonly hidden: Value; readonly features: Value } {
  const convolution = (x: Value, name: string, stride: number, padding: number) =>
    graph.node("Conv", [x, graph.weight(withTheirAxes(tensors(`${name}.weight`)), 0)], {
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    });
  const norm = (x: Value, name: string) => batchNormNode(graph, x, name, tensors);
  const relu = (x: Value) => graph.node("Relu", [x]);

  const { depths, isWide } = resnetSizes(settings);
  const isSmall = settings.stem === "small";
  const first = isSmall ? convolution(images, "conv1", settings.stemStride, 1) : convolution(images, "conv1", 2, 3);
  let x = relu(norm(first, "bn1"));
  if (!isSmall) x = graph.node("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  for (const [stage, depth] of depths.entries()) {
    for (let block = 0; block < depth; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const branch = isWide
        ? [[1, 0, 1], [stride, 1, 2], [1, 0, 3]] // stride, padding, place
        : [[stride, 1, 1], [1, 1, 2]];
      let y = x;
      for (const [by, padding, place] of branch) {
        y = norm(convolution(y, `${name}.conv${place}`, by, padding), `${name}.bn${place}`);
        if (place < branch.length) y = relu(y);
      }
      const widens = block === 0 && (stage > 0 || isWide);
      const around = widens ? norm(convolution(x, `${name}.downsample.0`, stride, 0), `${name}.downsample.1`) : x;
      x = relu(graph.node("Add", [y, around]));
    }
  }
  const mean = graph.node("GlobalAveragePool", [x]); // [N, F, 1, 1]
  return { hidden: x, features: graph.node("Flatten", [mean], { axis: 1 }) };
}

/** Batch norm by its running statistics. */
export function batchNormNode(graph: Graph, x: Value, name: string, tensors: Tensors): Value {
  const values = ["weight", "bias", "running_mean", "running_var"].map((value) =>
    graph.weight(tensors(`${name}.${value}`))
  );
  return graph.node("BatchNormalization", [x, ...values], { epsilon: real(1e-5) });
}
