import { type Device, runtime } from "./runtime.ts";

/** What the engine runs on. */
export type EngineInfo = {
  /** TensorFlow's version. */
  readonly tensorflow: string;
  /** The devices that TensorFlow found. */
  readonly devices: readonly Device[];
  /** Whether oneDNN's kernels are in use (x86 processors). */
  readonly oneDnn: boolean;
};

/**
 * Starts the engine and says what it is.
 *
 * @throws {EngineError} if the engine cannot be installed or loaded.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { engineInfo } from "@momentum-contrast/moco";
 *
 * assertMatch(engineInfo().tensorflow, /^2\./);
 * ```
 */
export function engineInfo(): EngineInfo {
  const { version, devices } = runtime();
  return { tensorflow: version, devices, oneDnn: Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== "0" };
}
