/**
 * Packages of hundreds of megabytes that single tests use. They are neither in `deno.json` nor in `deno.lock`: everyone
 * who runs a command of this repository would download them. So they are imported by names that nothing reads ahead,
 * and what is used of them is declared here.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

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
  readonly env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    readonly backends: { readonly onnx: { readonly wasm: { wasmPaths: string } } };
  };
  readonly pipeline: {
    (task: "image-feature-extraction", model: string, options: { readonly dtype: string }): Promise<ImagePipeline>;
    (task: "image-classification", model: string, options: { readonly dtype: string }): Promise<ClassifyingPipeline>;
  };
  readonly RawImage: new (pixels: Uint8ClampedArray, width: number, height: number, channels: number) => unknown;
};

/** A model with its preprocessing. */
export type ImagePipeline =
  & ((image: unknown, options: { readonly pool: boolean }) => Promise<OnnxTensor>)
  & { readonly dispose: () => Promise<unknown> };

/** A classifier with its preprocessing: the likeliest classes of an image first. */
export type ClassifyingPipeline =
  & ((image: unknown, options: { readonly top_k: number }) => Promise<
    readonly { readonly label: string; readonly score: number }[]
  >)
  & { readonly dispose: () => Promise<unknown> };

/** The release of transformers.js. */
const TRANSFORMERS = "4.3.2";

/** onnxruntime for the web. */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  return await fetched("onnxruntime-web@1.30.0") as OnnxRuntime;
}

/** transformers.js. */
export async function transformers(): Promise<Transformers> {
  return await fetched(`@huggingface/transformers@${TRANSFORMERS}`) as Transformers;
}

/** The folders of what browsers load of transformers.js, and of the onnxruntime that it calls. */
export async function transformersForBrowsers(): Promise<{ readonly transformers: string; readonly onnx: string }> {
  const folder = await folderOf(`@huggingface/transformers@${TRANSFORMERS}`);
  const { dependencies } = JSON.parse(await Deno.readTextFile(new URL("../package.json", folder)));
  const runtime = await folderOf(`onnxruntime-web@${dependencies["onnxruntime-web"]}`);
  return { transformers: fileURLToPath(folder), onnx: fileURLToPath(runtime) };
}

/** The folder that a package's main module lies in. A package that is loaded resolves to its files. */
async function folderOf(name: string): Promise<URL> {
  await fetched(name);
  const { resolve } = import.meta;
  return new URL(".", resolve(`npm:${name}`));
}

/** A browser that runs. */
export type Browser = {
  readonly createBrowserContext: () => Promise<BrowserContext>;
  readonly close: () => Promise<void>;
};

/** Pages that share cookies and storage with no others. */
export type BrowserContext = { readonly newPage: () => Promise<Page>; readonly close: () => Promise<void> };

/** What is used of a page. */
export type Page = {
  readonly goto: (url: string) => Promise<unknown>;
  readonly reload: () => Promise<unknown>;
  readonly url: () => string;
  readonly setDefaultTimeout: (milliseconds: number) => void;
  /** Runs a function in the page, which knows nothing of this program but its arguments, as JSON; or a text. */
  readonly evaluate: <A extends readonly unknown[], R>(
    f: string | ((...args: A) => R | Promise<R>),
    ...args: A
  ) => Promise<R>;
  /** Runs a function in every page to come, before its own scripts; its arguments go as JSON. */
  readonly evaluateOnNewDocument: <A extends readonly unknown[]>(
    f: (...args: A) => void,
    ...args: A
  ) => Promise<unknown>;
  /** Cuts the page off from the network, loopback included, or joins it again. */
  readonly setOfflineMode: (isOffline: boolean) => Promise<void>;
  /** Waits until a function in the page gives something true. */
  readonly waitForFunction: <A extends readonly unknown[]>(
    f: (...args: A) => unknown,
    options?: { readonly timeout?: number; readonly polling?: number },
    ...args: A
  ) => Promise<unknown>;
  /** Waits for the element of a selector; `::-p-text(...)` finds a text, `::-p-aria(...)` a name. */
  readonly waitForSelector: (selector: string) => Promise<PageElement>;
  readonly click: (selector: string) => Promise<void>;
  readonly focus: (selector: string) => Promise<void>;
  readonly keyboard: {
    readonly press: (key: string) => Promise<void>;
    readonly down: (key: string) => Promise<void>;
    readonly up: (key: string) => Promise<void>;
    readonly type: (text: string) => Promise<void>;
  };
  readonly mouse: {
    readonly move: (x: number, y: number) => Promise<void>;
    readonly down: () => Promise<void>;
    readonly up: () => Promise<void>;
    readonly wheel: (by: { readonly deltaY: number }) => Promise<void>;
  };
  readonly setViewport: (size: { readonly width: number; readonly height: number }) => Promise<void>;
  readonly emulateMediaFeatures: (
    features: readonly { readonly name: string; readonly value: string }[],
  ) => Promise<void>;
  readonly emulateTimezone: (name: string) => Promise<void>;
  readonly screenshot: (options: { readonly path: string }) => Promise<unknown>;
  readonly on: (event: "pageerror", handle: (error: unknown) => void) => void;
};

/** An element of a page. */
export type PageElement = {
  readonly boundingBox: () => Promise<
    { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null
  >;
  readonly uploadFile: (path: string) => Promise<void>;
};

/** puppeteer, which drives a browser that is there already. */
export async function puppeteer(): Promise<{ readonly launch: (options: unknown) => Promise<Browser> }> {
  return await fetched("puppeteer-core@25.16.0") as { readonly launch: (options: unknown) => Promise<Browser> };
}

/** axe, which checks whether everyone can use a page, as a script that runs in it. */
export async function axeScript(): Promise<string> {
  const { default: axe } = await fetched("axe-core@4.14.1") as { readonly default: { readonly source: string } };
  return axe.source;
}

function fetched(name: string): Promise<unknown> {
  return import(`npm:${name}`);
}
