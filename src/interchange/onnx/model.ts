import { onnx } from "../../dependencies/onnx_proto.ts";
import { isResNet } from "../formats/shapes.ts";
import type { LeavingEncoder } from "../formats/types.ts";
import { writeEncoder } from "../network/encoder.ts";
import type { Value } from "../network/operations.ts";
import { computed, emptyGraph, type Graph, type Port, type Precision } from "./graph.ts";
import { onnxOperations } from "./operations.ts";

/** The version of ONNX's operators, and that of its format: the newest that onnxruntime-web 1.30 knows all of. */
const OPSET = 22;
const IR_VERSION = 10;

/** How a model is written. */
export type ModelOptions = {
  /** How it holds its weights. Default "float32". */
  readonly precision?: Precision;
  /**
   * Whether it takes images uint8 [N, height, width, C] of any size, and cuts, resizes and normalises them itself.
   * Otherwise it takes them normalised, float32 [N, C, size, size]. Default false.
   */
  readonly preprocessing?: boolean;
  /**
   * The outputs: the features, and the logits of a classifier, or what Hugging Face's models give. Default "features".
   */
  readonly outputs?: "features" | "huggingface";
};

/**
 * An encoder as a model of ONNX, for any number of images at once.
 *
 * @param encoder The encoder.
 * @param options How it is written.
 * @returns The bytes of the file.
 */
export function onnxModel(encoder: LeavingEncoder, options: ModelOptions = {}): Uint8Array {
  const { precision = "float32", preprocessing = false, outputs = "features" } = options;
  const { settings, images: { size, channels }, classifier } = encoder;
  const graph = emptyGraph(precision);
  const input: Port = preprocessing
    ? { name: "images", dtype: "uint8", shape: ["batch", "height", "width", channels] }
    : { name: "pixel_values", dtype: "float32", shape: ["batch", channels, size, size] };
  const x = preprocessing ? preprocessed(graph, input.name, encoder, precision) : cast(graph, input.name, precision);
  const { hidden, features, logits } = writeEncoder(onnxOperations(graph), x, encoder);

  type Output = readonly [name: string, value: Value, shape: Port["shape"]];
  const classes: readonly Output[] = logits === undefined ? [] : [["logits", logits, ["batch", "classes"]]];
  const given: readonly Output[] = outputs === "features"
    ? [["features", features, ["batch", "features"]], ...classes]
    : classes.length > 0
    ? classes
    : [
      [
        "last_hidden_state",
        hidden,
        isResNet(settings) ? ["batch", "features", "rows", "columns"] : ["batch", "tokens", "features"],
      ],
      ["pooler_output", features, ["batch", "features"]],
    ];
  const ports = given.map(([name, value, shape]): Port => {
    graph.named(name, precision === "float16" ? graph.node("Cast", [value], { to: computed("float32") }) : value);
    return { name, dtype: "float32", shape };
  });
  return onnx.ModelProto.encode(onnx.ModelProto.create({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: "", version: OPSET }],
    producerName: "moco",
    graph: graph.finish(settings.name, [input], ports),
    metadataProps: classifier === undefined ? [] : [{ key: "classes", value: JSON.stringify(classifier.classes) }],
  })).finish();
}

function cast(graph: Graph, x: Value, precision: Precision): Value {
  return precision === "float16" ? graph.node("Cast", [x], { to: computed(precision) }) : x;
}

/**
 * Images of any size as the encoder takes them: resized so that the share that is seen has its size, cut, normalised.
 */
function preprocessed(graph: Graph, images: Value, encoder: LeavingEncoder, precision: Precision): Value {
  const { node, integers, floats } = graph;
  const { size, channels, crop, mean, std } = encoder.images;
  const whole = Math.round(size / crop);
  const margin = Math.floor((whole - size) / 2);
  const planes = node("Transpose", [node("Cast", [images], { to: computed("float32") })], { perm: [0, 3, 1, 2] });
  const batch = node("Shape", [planes], { start: 0, end: 2 }); // [N, C]
  const sizes = node("Concat", [batch, integers(whole, whole)], { axis: 0 });
  const resized = graph.resized(planes, sizes);
  const cut = node("Slice", [
    resized,
    integers(margin, margin),
    integers(margin + size, margin + size),
    integers(2, 3),
  ]);
  const perChannel = (numbers: readonly number[]) => floats(numbers, [1, channels, 1, 1]);
  const scaled = node("Mul", [cast(graph, cut, precision), perChannel(std.map((deviation) => 1 / (255 * deviation)))]);
  return node("Sub", [scaled, perChannel(mean.map((value, channel) => value / std[channel]))]);
}
