import { variantsIn } from "./sections.ts";
import type { Config } from "./types.ts";

/**
 * What is allowed but seldom meant, one sentence each.
 *
 * @param config The configuration.
 * @param images The number of images, where it is known.
 */
export function warnings(config: Config, images?: number): readonly string[] {
  // What a configuration chooses reads its own settings.
  return variantsIn(config).flatMap((variant) => variant.warnings?.(config as never, images) ?? []);
}
