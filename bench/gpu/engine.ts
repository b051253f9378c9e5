/**
 * Whether the engine computes on the GPU, as `moco engine` tells.
 *
 * @module
 */
import { Either } from "../../src/core/either.ts";
import type { Gpu } from "../peers/gpu.ts";

/** The part of what `moco engine --json` says that is looked at. */
export type Engine = {
  readonly tensorflow: string;
  readonly library: string;
  readonly source: string;
  readonly devices: readonly { readonly name: string; readonly type: string }[];
};

/** An engine that has the GPU; or what was expected and found. */
export function onGpu(engine: Engine, gpu: Gpu): Either<string, Engine> {
  const { tensorflow, library, source, devices } = engine;
  if (devices.some(({ type }) => type === "GPU")) return Either.right(engine);
  const found = devices.map(({ type }) => type).join(", ");
  return Either.left(
    `Cannot compute on the GPU: expected TensorFlow to find ${gpu.name}, found ${found} ` +
      `with TensorFlow ${tensorflow} ` +
      `in ${library} (by ${source}); with TF_CPP_MIN_LOG_LEVEL=0, deno task moco engine says why`,
  );
}
