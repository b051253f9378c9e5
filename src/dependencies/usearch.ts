/**
 * usearch, which finds approximate nearest neighbours. It is fetched when an index is asked for, because hardly anyone
 * needs one. Its compiled part is loaded without its JavaScript, which reads the whole environment.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The version of the package. Another one does not read its files for certain. */
export const usearchVersion = "2.26.2";

/** An index over vectors. */
export type UsearchIndex = {
  /** Adds vectors [N * D] under keys [N], in some threads; 0 is one for each core. */
  readonly add: (keys: BigUint64Array, vectors: Float32Array, threads: number) => void;
  /** The keys and distances of k neighbours of each query, the nearest first, and how many were found for each. */
  readonly search: (
    queries: Float32Array,
    k: number,
    threads: number,
  ) => readonly [keys: BigUint64Array, distances: Float32Array, found: BigUint64Array];
  readonly save: (path: string) => void;
  readonly load: (path: string) => void;
  readonly size: () => number;
};

type Compiled = {
  readonly CompiledIndex: new (
    dimensions: number,
    metric: string,
    quantization: string,
    connectivity: number,
    expansionAdd: number,
    expansionSearch: number,
    multi: boolean,
  ) => UsearchIndex;
};

const builds: Readonly<Record<string, string>> = {
  "linux-x86_64": "linux-x64",
  "linux-aarch64": "linux-arm64",
  "darwin-x86_64": "darwin-arm64+x64",
  "darwin-aarch64": "darwin-arm64+x64",
  "windows-x86_64": "win32-x64",
};

/**
 * An empty index over unit vectors of a width, by cosine distance, in float32.
 *
 * @throws {Error} if the package cannot be fetched, or has no build for this machine.
 */
export async function usearchIndex(dim: number): Promise<UsearchIndex> {
  const machine = `${Deno.build.os}-${Deno.build.arch}`;
  const build = builds[machine];
  if (build === undefined) throw new Error(`Cannot load usearch: it has no build for ${machine}`);
  const path = fileURLToPath(new URL(`../../../prebuilds/${build}/usearch.node`, await entryPoint()));
  const { CompiledIndex } = createRequire(import.meta.url)(path) as Compiled;
  const [automatic, several] = [0, false]; // connectivity and expansions as the package chooses them
  return new CompiledIndex(dim, "cos", "f32", automatic, automatic, automatic, several);
}

/** Where the package's JavaScript lies, in `javascript/dist/esm`. */
async function entryPoint(): Promise<string> {
  const specifier = `npm:/usearch@${usearchVersion}`;
  // This fetches the package, which is all that is wanted: then its JavaScript fails, because it may not read all of
  // the environment. Its package.json, which could be imported without harm, is not among its exports.
  const failure = await import(specifier).then(() => undefined, (thrown) => thrown);
  const { resolve } = import.meta;
  const entry = resolve(specifier); // a file, once the package is in the cache
  if (!entry.startsWith("file:")) throw failure;
  return entry;
}
