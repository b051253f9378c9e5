import type { ConfigError } from "./errors.ts";
import type { Config } from "./types.ts";

/** What is known of the images that a configuration is used with. */
export type DataFacts = {
  /** Channels of an image. */
  readonly channels: number;
  /** Steps of an epoch. */
  readonly stepsPerEpoch: number;
};

/**
 * The conflicts between a configuration and its images.
 *
 * @param config The configuration.
 * @param facts What is known of the images.
 */
export function faultsWith(config: Config, { channels, stepsPerEpoch }: DataFacts): readonly ConfigError[] {
  const { augment, optimizer: { accumulate }, training: { epochs } } = config;
  const fault = (path: string, expected: string, found: string): ConfigError => ({
    _tag: "Conflict",
    path,
    expected,
    found,
  });
  const perChannel = (["mean", "std"] as const).flatMap((name) => {
    const count = augment[name]?.length ?? (channels === 1 || channels === 3 ? channels : 0);
    return count === channels
      ? []
      : [fault(`augment.${name}`, `a number for each of the ${channels} channels of an image`, String(count))];
  });
  const steps = epochs * stepsPerEpoch;
  const updates = accumulate <= steps ? [] : [
    fault(
      "optimizer.accumulate",
      `at most the ${steps} steps of the run, or nothing is ever updated`,
      String(accumulate),
    ),
  ];
  return [...perChannel, ...updates];
}
