/**
 * Packages of hundreds of megabytes that single tests use. They are neither in `deno.json` nor in `deno.lock`: everyone who
 * runs a command of this repository would download them. So they are imported by names that nothing reads ahead, and what
 * is used of them is declared here.
 *
 * @module
 */

/** What is used of onnxruntime-web. */
export type OnnxRuntime = {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly InferenceSession: { readonly create: (model: Uint8Array) => Promise<OnnxSession> };
  readonly Tensor: new (dtype: "float32" | "uint8", data: ArrayLike<number>, dims: readonly number[]) => OnnxTensor;
};

/** A model that is loaded. */
export type OnnxSession = {
  readonly inputNames: readonly string[];
  readonly run: (inputs: Readonly<Record<string, OnnxTensor>>) => Promise<Record<string, OnnxTensor>>;
  readonly release: () => Promise<void>;
};

/** A tensor of onnxruntime. */
export type OnnxTensor = { readonly data: ArrayLike<number>; readonly dims: readonly number[] };

/** What is used of transformers.js. */
export type Transformers = {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly pipeline: (
    task: "image-feature-extraction",
    model: string,
    options: { readonly dtype: string },
  ) => Promise<ImagePipeline>;
  readonly RawImage: new (pixels: Uint8ClampedArray, width: number, height: number, channels: number) => unknown;
};

/** A model with its preprocessing. */
export type ImagePipeline =
  & ((image: unknown, options: { readonly pool: boolean }) => Promise<OnnxTensor>)
  & { readonly dispose: () => Promise<unknown> };

/** onnxruntime for the web. */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  return await fetched("onnxruntime-web@1.30.0") as OnnxRuntime;
}

/** transformers.js. */
export async function transformers(): Promise<Transformers> {
  return await fetched("@huggingface/transformers@4.3.2") as Transformers;
}

function fetched(name: string): Promise<unknown> {
  return import(`npm:${name}`);
}
