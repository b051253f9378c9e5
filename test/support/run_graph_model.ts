/**
 * Runs a graph model in plain TensorFlow.js, in a process of its own that has nothing of ours:
 *
 *     deno run --allow-read test/support/run_graph_model.ts FOLDER BACKEND < images
 *
 * Reads the images' shape as JSON in a line and their float32 bytes from standard input; prints what it gives as JSON.
 *
 * @module
 */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import { fileURLToPath } from "node:url";

const [folder, backend] = Deno.args;
const program = import.meta.resolve("npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/tfjs-backend-wasm.wasm");
setWasmPaths(fileURLToPath(new URL(".", program)));
const { modelTopology, signature, weightsManifest: [{ paths, weights }] } = JSON.parse(
  await Deno.readTextFile(`${folder}/model.json`),
);
const shards = await Promise.all(paths.map((path: string) => Deno.readFile(`${folder}/${path}`)));
const weightData = await new Blob(shards).arrayBuffer();
const input = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
const line = input.indexOf(10);
const shape = JSON.parse(new TextDecoder().decode(input.subarray(0, line)));
const images = new Float32Array(input.slice(line + 1).buffer);

await tf.setBackend(backend);
const model = await tf.loadGraphModel(tf.io.fromMemory({ modelTopology, signature, weightSpecs: weights, weightData }));
const output = model.predict(tf.tensor(images, shape)) as tf.Tensor;
console.log(JSON.stringify({ backend: tf.getBackend(), shape: output.shape, values: [...output.dataSync()] }));
