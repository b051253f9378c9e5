import { assert, assertEquals } from "@std/assert";
import { buildFeatures } from "../../src/config/build.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { fromBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import { onnx } from "../../src/dependencies/onnx_proto.ts";
import type { LeavingEncoder } from "../../src/interchange/formats/types.ts";
import { type ModelOptions, onnxModel } from "../../src/interchange/onnx/model.ts";
import { onnxRuntime, type OnnxTensor } from "../support/large_packages.ts";
import { classifying, encoders, farthest, made } from "../support/leaving_encoders.ts";

const { env, InferenceSession, Tensor: OrtTensor } = await onnxRuntime();
env.wasm.numThreads = 1;

async function run(
  encoder: LeavingEncoder,
  options: ModelOptions,
  input: OnnxTensor,
): Promise<Record<string, OnnxTensor>> {
  const session = await InferenceSession.create(onnxModel(encoder, options));
  try {
    return await session.run({ [session.inputNames[0]]: input });
  } finally {
    await session.release();
  }
}

/** The least cosine of two rows. */
function leastCosine(found: ArrayLike<number>, wanted: ArrayLike<number>, rows: number): number {
  const [a, b] = [Array.from(found), Array.from(wanted)];
  const width = a.length / rows;
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, index) => sum + value * y[index], 0);
  return Math.min(...Array.from({ length: rows }, (_, row) => {
    const [x, y] = [a, b].map((all) => all.slice(row * width, (row + 1) * width));
    return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  }));
}

for (const [name, fields] of Object.entries(encoders)) {
  Deno.test(`onnxruntime has our features of ${name}, for one image and for several`, async () => {
    const { state, encoder, features: featuresOf } = made(fields);
    const images = normal(key(1), [3, 32, 32, 3]);
    const [planes, ours] = scope(() => {
      const features: Tensor = featuresOf(images);
      return [tf.transpose(images, [0, 3, 1, 2]).dataSync() as Float32Array, features.dataSync() as Float32Array];
    });
    const { features } = await run(encoder, {}, new OrtTensor("float32", planes, [3, 3, 32, 32]));
    assertEquals(features.dims, [3, ours.length / 3]);
    assert(farthest(features.data as Float32Array, ours) < 1e-4);
    const first = new OrtTensor("float32", planes.slice(0, planes.length / 3), [1, 3, 32, 32]);
    const { features: one } = await run(encoder, {}, first);
    assert(farthest(one.data as Float32Array, ours.subarray(0, ours.length / 3)) < 1e-4);

    const both = await run(encoder, { outputs: "huggingface" }, first);
    assertEquals(both.pooler_output.data, one.data);
    assertEquals(both.last_hidden_state.dims[0], 1);

    const input = new OrtTensor("float32", planes, [3, 3, 32, 32]);
    for (const [precision, least] of [["float16", 0.9999], ["int8", 0.995]] as const) {
      const { features: rounded } = await run(encoder, { precision }, input);
      const cosine = leastCosine(rounded.data as Float32Array, ours, 3);
      assert(cosine > least, `${precision}: ${cosine}`);
    }

    const { encoder: classifier, logits: logitsOf } = classifying(encoder);
    const expected = scope(() => logitsOf(featuresOf(images)).dataSync() as Float32Array);
    const { logits, ...others } = await run(classifier, {}, input);
    assertEquals([logits.dims, Object.keys(others)], [[3, 3], ["features"]]);
    assert(farthest(logits.data as Float32Array, expected) < 1e-4);
    assertEquals(Object.keys(await run(classifier, { outputs: "huggingface" }, input)), ["logits"]);
    dispose({ images, state });
  });
}

Deno.test("a model that classifies says what its classes are called", () => {
  const { state, encoder } = made(encoders["a ViT with a mean"]);
  const { metadataProps } = onnx.ModelProto.decode(onnxModel(classifying(encoder).encoder));
  assertEquals(metadataProps.map(({ key, value }) => [key, value]), [["classes", '["cat","dog","fox"]']]);
  dispose(state);
});

Deno.test("a model with its preprocessing inside sees images as our evaluation does", async () => {
  const { config, state, encoder } = made(encoders["a ViT with a class token"]);
  const bytes = Uint8Array.from({ length: 2 * 40 * 40 * 3 }, (_, place) => (place * 37 + (place >> 5) * 11) % 256);
  const ours = scope(() => buildFeatures(config)(state, fromBytes(bytes, [2, 40, 40, 3])).dataSync() as Float32Array);
  const input = new OrtTensor("uint8", bytes, [2, 40, 40, 3]);
  const { features } = await run(encoder, { preprocessing: true }, input);
  assert(farthest(features.data as Float32Array, ours) < 1e-4); // 0.8 of 40 pixels are the 32 of the encoder
  dispose(state);
});

Deno.test("images of another size and shape are resized inside of the model", async () => {
  const { config, state, encoder } = made(encoders["a ViT with a class token"]);
  // Smooth ones: here the image is resized and cut, in our evaluation cut and resized, which differs at edges alone.
  const bytes = Uint8Array.from({ length: 60 * 80 * 3 }, (_, place) => {
    const [row, column] = [Math.floor(place / 240), Math.floor(place / 3) % 80];
    return [4 * row, 3 * column, row + 2 * column][place % 3];
  });
  const ours = scope(() => buildFeatures(config)(state, fromBytes(bytes, [1, 60, 80, 3])).dataSync() as Float32Array);
  const { features } = await run(encoder, { preprocessing: true }, new OrtTensor("uint8", bytes, [1, 60, 80, 3]));
  const distance = farthest(features.data as Float32Array, ours);
  assert(distance < 1e-2, `${distance}`);
  dispose(state);
});
