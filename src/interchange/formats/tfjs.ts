import { Either } from "../../core/either.ts";
import { writeEncoder } from "../network/encoder.ts";
import { emptyGraph } from "../tfjs/graph.ts";
import { tfjsOperations } from "../tfjs/operations.ts";
import { featuresOf, jsonFile } from "./shapes.ts";
import type { Export, LeavingEncoder, NotExpressible } from "./types.ts";

/** Bytes of a file of weights: what TensorFlow.js's own converter takes, so that browsers cache them. */
const SHARD = 4 * 1024 * 1024;

/** A graph model that plain TensorFlow.js loads. It holds every encoder. */
export function tfjs(encoder: LeavingEncoder): Either<NotExpressible, Export> {
  const { settings, images: { size, channels }, classifier } = encoder;
  const graph = emptyGraph("images");
  const { features, logits = features } = writeEncoder(tfjsOperations(graph), "images", encoder);
  const [name, width] = classifier === undefined
    ? ["features", featuresOf(settings)] as const
    : ["logits", classifier.classes.length] as const;
  const { nodes, entries, bytes } = graph.finish();
  const shards = shardsOf(bytes);
  const port = (name: string, ...sizes: readonly number[]) => ({
    ...{ name: `${name}:0`, dtype: "DT_FLOAT" },
    tensorShape: { dim: sizes.map((size) => ({ size: `${size}` })) },
  });
  const output = { name, op: "Identity", input: [logits], attr: { T: { type: "DT_FLOAT" } } };
  return Either.right({
    files: [
      jsonFile("model.json", {
        ...{ format: "graph-model", generatedBy: "moco", convertedBy: "moco" },
        signature: {
          inputs: { images: port("images", -1, size, size, channels) },
          outputs: { [name]: port(name, -1, width) },
        },
        ...classifier === undefined ? {} : { userDefinedMetadata: { classes: classifier.classes } },
        modelTopology: { node: [...nodes, output], versions: { producer: 1395 } },
        weightsManifest: [{ paths: shards.map(({ path }) => path), weights: entries }],
      }),
      ...shards,
    ],
    usage: [
      'import * as tf from "@tensorflow/tfjs";',
      "",
      'const model = await tf.loadGraphModel("DIR/model.json");',
      `const ${name} = model.predict(images); // float32 [N, height, width, channels], normalised`,
    ].join("\n"),
    language: "ts",
  });
}

/** Bytes one after another, cut into files. */
function shardsOf(parts: readonly Uint8Array[]) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const count = Math.ceil(whole.length / SHARD);
  return Array.from({ length: count }, (_, index) => ({
    path: `group1-shard${index + 1}of${count}.bin`,
    bytes: whole.subarray(index * SHARD, (index + 1) * SHARD),
  }));
}
