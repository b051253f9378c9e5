import { merge } from "../config/paths.ts";
import type { PartialConfig } from "../config/types.ts";
import type { ScaleOptions } from "./types.ts";

/** A scale's options with other fields of the configuration. */
export function adjust(options: ScaleOptions, config: PartialConfig): ScaleOptions {
  return { ...options, config: merge(options.config ?? {}, config) };
}
