import type { ConfigError } from "../../config/errors.ts";
import type { Config } from "../../config/types.ts";

/**
 * What of a configuration cannot be shared by a number of workers.
 *
 * @param config The configuration.
 * @param workers How many there are.
 */
export function faultsAmong(
  { method: { groups }, training: { batch } }: Config,
  workers: number,
): readonly ConfigError[] {
  const fault = (path: string, expected: string, found: number): ConfigError => ({
    ...{ _tag: "Conflict", path, expected, found: String(found) },
  });
  const each = `so that each of the ${workers} workers has as much`;
  return [
    ...batch % workers === 0 ? [] : [fault("training.batch", `a multiple of ${workers}, ${each}`, batch)],
    ...groups === 1 || groups % workers === 0
      ? []
      : [fault("method.groups", `1, for all images together, or a multiple of ${workers}, ${each}`, groups)],
  ];
}
