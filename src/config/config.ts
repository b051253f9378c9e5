/**
 * The parser of configurations.
 *
 * @module
 */
import { Either, pipe } from "../dependencies/fp_ts.ts";
import { type Decoded, type Decoder, record } from "./decode.ts";
import type { ConfigError } from "./errors.ts";
import { fields } from "./fields.ts";
import { withFallbacks } from "./reading.ts";
import { conflicts } from "./rules.ts";
import type { Config, ParseOptions } from "./types.ts";

const decoder: Decoder<Config> = record(fields);

/** The configuration that an empty record stands for: MoCo v2 on Fashion-MNIST with a quarter-width ResNet-18. */
export const defaultConfig: Config = pipe(
  decode({}),
  Either.getOrElse((): Config => {
    throw new TypeError("Cannot build the default configuration: expected valid fallbacks, found faults");
  }),
);

/**
 * A configuration from any value, such as parsed JSON: absent fields take their defaults, and every fault is reported at
 * once with its path, what was expected and what was found.
 *
 * @param input The value.
 * @param options What the configuration is wanted for.
 * @returns Right the configuration, or left every fault.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig } from "@momentum-contrast/moco";
 *
 * const parsed = parseConfig({ training: { batch: "64" }, method: { momentun: 0.9 } });
 * assertEquals(parsed._tag === "Left" && parsed.left.map((error) => error.path), [
 *   "method.momentun",
 *   "training.batch",
 * ]);
 * ```
 */
export function parseConfig(input: unknown, options: ParseOptions = {}): Decoded<Config> {
  return pipe(
    decode(input),
    Either.match(
      (faults): Decoded<Config> => Either.left([...faults, ...conflictsBeside(faults, input, options)]),
      (config) => {
        const found = conflicts(config, options);
        return found.length === 0 ? Either.right(config) : Either.left(found);
      },
    ),
  );
}

function decode(input: unknown): Decoded<Config> {
  return decoder.decode(withFallbacks(input), "");
}

/** The conflicts among the fields that are not faulty by themselves: those of the input without the faulty ones. */
function conflictsBeside(
  faults: readonly ConfigError[],
  input: unknown,
  options: ParseOptions,
): readonly ConfigError[] {
  const faulty = faults.map(({ path }) => path);
  return pipe(
    decode(faulty.reduce((rest, path) => without(rest, path.split(".").slice(0, 2)), input)),
    Either.match(() => [], (config) => conflicts(config, options, faulty)),
  );
}

function without(input: unknown, [first, ...rest]: readonly string[]): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      name !== first ? [[name, value]] : rest.length === 0 ? [] : [[name, without(value, rest)]]
    ),
  );
}
