import { withTheirAxes } from "../layouts/axes.ts";
import { type VitEncoder, vitSizes } from "../formats/shapes.ts";
import { type Graph, real, type Value } from "./graph.ts";
import { batchNormNode, type Tensors } from "./resnet.ts";

/**
 * A vision transformer in a graph: from images [N, C, height, width] to its tokens [N, T, D] and its features [N, D].
 *
 * @param graph Takes the nodes.
 * @param images The images, normalised.
 * @param settings Which transformer.
 * @param tensors Its values.
 */
export function vitGraph(
  graph: Graph,
  images: Value,
  settings: VitEncoder,
  tensors: Tensors,
): { readonly hidden: Value; readonly features: Value } {
  const { dimension, depth, heads } = vitSizes(settings);
  const blocks = settings.patchStem === "conv" ? depth - 1 : depth;
  const { node, weight, integers } = graph;
  const norm = (x: Value, name: string) =>
    node("LayerNormalization", [x, weight(tensors(`${name}.weight`)), weight(tensors(`${name}.bias`))], {
      axis: -1,
      epsilon: real(1e-6),
    });
  const linear = (x: Value, name: string) =>
    node("Add", [node("MatMul", [x, weight(tensors(`${name}.weight`), 1)]), weight(tensors(`${name}.bias`))]);

  const attention = (x: Value, name: string): Value => {
    const width = dimension / heads;
    const apart = node("Reshape", [linear(x, `${name}.qkv`), integers(0, -1, 3, heads, width)]); // [N, T, 3, H, d]
    const byHead = node("Transpose", [apart], { perm: [2, 0, 3, 1, 4] }); // [3, N, H, T, d]
    const [q, k, v] = graph.nodes("Split", [byHead], 3, { axis: 0, num_outputs: 3 })
      .map((part) => node("Squeeze", [part, integers(0)])); // [N, H, T, d]
    const scores = node("MatMul", [q, node("Transpose", [k], { perm: [0, 1, 3, 2] })]); // [N, H, T, T]
    const scaled = node("Mul", [scores, graph.scalar(1 / Math.sqrt(width))]);
    const seen = node("MatMul", [node("Softmax", [scaled], { axis: -1 }), v]); // [N, H, T, d]
    const sideBySide = node("Reshape", [node("Transpose", [seen], { perm: [0, 2, 1, 3] }), integers(0, -1, dimension)]);
    return linear(sideBySide, `${name}.proj`);
  };

  let x = withClassAndPositions(patchTokens());
  for (let block = 0; block < blocks; block++) {
    const name = `blocks.${block}`;
    x = node("Add", [x, attention(norm(x, `${name}.norm1`), `${name}.attn`)]);
    const hidden = node("Gelu", [linear(norm(x, `${name}.norm2`), `${name}.mlp.fc1`)]);
    x = node("Add", [x, linear(hidden, `${name}.mlp.fc2`)]);
  }
  if (settings.pool === "mean") {
    return { hidden: x, features: node("ReduceMean", [x, integers(1)], { keepdims: 0 }) };
  }
  const normed = norm(x, "norm");
  return { hidden: normed, features: node("Gather", [normed, firstToken()], { axis: 1 }) };

  /** Patches row by row, [N, T, D]. */
  function patchTokens(): Value {
    const map = settings.patchStem === "conv" ? convolutionalStem() : convolution(images, "patch_embed.proj", {
      strides: [settings.patch, settings.patch],
    });
    return node("Transpose", [node("Reshape", [map, integers(0, dimension, -1)])], { perm: [0, 2, 1] });
  }

  function convolution(from: Value, name: string, attributes: Readonly<Record<string, readonly number[]>>): Value {
    const values = [weight(withTheirAxes(tensors(`${name}.weight`)), 0), weight(tensors(`${name}.bias`))];
    return node("Conv", [from, ...values], attributes);
  }

  function convolutionalStem(): Value {
    const halvings = Math.log2(settings.patch);
    let map = images;
    for (let halving = 0; halving < halvings; halving++) {
      const filter = weight(withTheirAxes(tensors(`patch_embed.proj.${3 * halving}.weight`)), 0);
      const halved = node("Conv", [map, filter], { strides: [2, 2], pads: [1, 1, 1, 1] });
      map = node("Relu", [batchNormNode(graph, halved, `patch_embed.proj.${3 * halving + 1}`, tensors)]);
    }
    return convolution(map, `patch_embed.proj.${3 * halvings}`, {});
  }

  function withClassAndPositions(patches: Value): Value {
    const tokens = settings.pool === "class" ? node("Concat", [classTokens(), patches], { axis: 1 }) : patches;
    return settings.position === "none" ? tokens : node("Add", [tokens, weight(tensors("pos_embed"))]);
  }

  /** The class token of each image, [N, 1, D]. */
  function classTokens(): Value {
    const count = node("Shape", [images], { start: 0, end: 1 });
    return node("Expand", [weight(tensors("cls_token")), node("Concat", [count, integers(1, 1)], { axis: 0 })]);
  }

  /** The place of the class token, without an axis of its own. */
  function firstToken(): Value {
    return node("Squeeze", [integers(0), integers(0)]);
  }
}
