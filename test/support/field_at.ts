import { valueAt } from "../../src/config/paths.ts";
import type { Config } from "../../src/config/types.ts";

/** The value of a configuration at a path that only some choices have, or undefined. */
export function fieldAt(config: Config, path: string): unknown {
  return valueAt(config, path.split("."));
}
