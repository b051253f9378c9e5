import { type EngineInfo, engineInfo, jit, type Tensor, tf } from "../engine/mod.ts";
import { findLibrary, repairLibrary, type Verified, verifyLibrary } from "../engine/install/mod.ts";
import { hasFastBfloat16 } from "../engine/mod.ts";

/** What the engine is and what it runs on. */
export type EngineDescription = EngineInfo & {
  /** TensorFlow's library. */
  readonly library: string;
  /** How it was found. */
  readonly source: string;
  /** Whether functions can be compiled by XLA. */
  readonly xla: boolean;
  /** Whether compiled functions gain from bfloat16. */
  readonly bfloat16: boolean;
};

/**
 * Where TensorFlow's library is, its version, the devices, and what works on them.
 *
 * @throws {EngineError} where the library cannot be found, installed or loaded.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { describeEngine } from "@momentum-contrast/moco";
 *
 * assert(describeEngine().devices.some(({ type }) => type === "CPU"));
 * ```
 */
export function describeEngine(): EngineDescription {
  const { library, source } = findLibrary();
  return { ...engineInfo(), xla: compilesByXla(), bfloat16: hasFastBfloat16(), library, source };
}

/**
 * Checks the installed files of the engine against the SHA-256 that they were installed with.
 *
 * @param options Whether to install missing or damaged files again.
 * @throws {EngineError} if a file is missing or damaged and remains so.
 */
export function checkEngine({ repair = false }: { readonly repair?: boolean } = {}): Verified {
  return repair ? repairLibrary() : verifyLibrary();
}

function compilesByXla(): boolean {
  const doubled = jit((x: Tensor) => tf.mul(x, 2), { xla: true, name: "XLA" });
  try {
    return doubled(tf.scalar(21)).dataSync()[0] === 42;
  } catch {
    return false;
  }
}
