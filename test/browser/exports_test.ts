/// <reference lib="dom" />
/**
 * Encoders that were exported for the web, in a browser that reaches nothing but loopback.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { fetchedPackage } from "../../src/dependencies/fetched.ts";
import { writeFolder } from "../../src/files/folder.ts";
import { tfjs } from "../../src/interchange/formats/tfjs.ts";
import { browserTest } from "../support/browser.ts";
import { right } from "../support/either.ts";
import { exported, withExported } from "../support/exported_encoder.ts";
import { type Transformers, transformersForBrowsers } from "../support/large_packages.ts";
import { encoders, farthest, made } from "../support/leaving_encoders.ts";
import { withFiles } from "../support/served_files.ts";

/** The folders of what browsers load of TensorFlow.js and of its WebAssembly backend. */
async function tensorFlowForBrowsers(): Promise<Readonly<Record<"tfjs" | "wasm", string>>> {
  const distribution = async (name: string): Promise<string> =>
    fileURLToPath(new URL("dist/", await fetchedPackage(name, "4.22.0")));
  return { tfjs: await distribution("@tensorflow/tfjs"), wasm: await distribution("@tensorflow/tfjs-backend-wasm") };
}

/** What a page has of TensorFlow.js. */
type TensorFlowJs = {
  readonly setBackend: (name: string) => Promise<boolean>;
  readonly getBackend: () => string;
  readonly wasm: { readonly setWasmPaths: (folder: string) => void };
  readonly loadGraphModel: (url: string) => Promise<{ readonly predict: (images: unknown) => PageTensor }>;
  readonly tensor: (values: readonly number[], shape: readonly number[]) => unknown;
};

type PageTensor = { readonly shape: number[]; readonly data: () => Promise<ArrayLike<number>> };

/** In the page: what a graph model computes of images. */
async function runGraphModel(backend: string, values: readonly number[], shape: readonly number[]) {
  for (const src of ["/tfjs/tf.min.js", "/wasm/tf-backend-wasm.min.js"]) {
    const script = document.createElement("script");
    await new Promise((resolve) => {
      script.onload = resolve;
      script.src = src;
      document.head.append(script);
    });
  }
  const { tf } = globalThis as unknown as { readonly tf: TensorFlowJs };
  tf.wasm.setWasmPaths("/wasm/");
  await tf.setBackend(backend);
  const model = await tf.loadGraphModel("/model/model.json");
  const features = model.predict(tf.tensor(values, shape));
  return { backend: tf.getBackend(), shape: features.shape, values: Array.from(await features.data()) };
}

for (const [name, fields] of Object.entries(encoders)) {
  browserTest(`TensorFlow.js in a browser has our features of ${name}, by WebGL and by WebAssembly`, async (page) => {
    const { state, encoder, features } = made(fields);
    const folder = await Deno.makeTempDir();
    const images = normal(key(1), [3, 32, 32, 3]);
    try {
      right(await writeFolder(`${folder}/model`, right(tfjs(encoder)).files)());
      const ours = scope(() => Array.from(features(images).dataSync()));
      await withFiles({ ...await tensorFlowForBrowsers(), model: `${folder}/model` }, async (address) => {
        for (const backend of ["webgl", "wasm"]) {
          await page.goto(address);
          const found = await page.evaluate(runGraphModel, backend, Array.from(images.dataSync()), images.shape);
          assertEquals([found.backend, found.shape], [backend, [3, ours.length / 3]]);
          const distance = farthest(found.values, ours);
          assert(distance < 1e-4, `${backend}: ${distance}`);
        }
      });
    } finally {
      dispose({ images, state });
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** In the page: what transformers.js computes of an RGB image. */
async function runPipeline(bytes: readonly number[], size: number) {
  const library = "/transformers/transformers.min.js";
  const { env, pipeline, RawImage }: Transformers = await import(library);
  env.allowRemoteModels = false;
  env.allowLocalModels = true; // the default is false in a browser
  env.localModelPath = "/models/";
  env.backends.onnx.wasm.wasmPaths = "/onnx/";
  const encode = await pipeline("image-feature-extraction", "encoder", { dtype: "fp32" });
  const features = await encode(new RawImage(Uint8ClampedArray.from(bytes), size, size, 3), { pool: true });
  return { shape: features.dims, values: Array.from(features.data) };
}

for (const file of exported) {
  browserTest(`transformers.js in a browser has our features of ${file}`, async (page) => {
    const packages = await transformersForBrowsers();
    await withExported(file, async ({ folder, bytes, size, ours }) => {
      await withFiles({ ...packages, models: folder }, async (address) => {
        await page.goto(address);
        const found = await page.evaluate(runPipeline, Array.from(bytes), size);
        assertEquals(found.shape, [1, ours.length]);
        const distance = farthest(found.values, ours);
        assert(distance < 1e-4, `${distance}`);
      });
    });
  });
}
