/**
 * The parser of configurations.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";
import type { Schema } from "../core/schema.ts";
import { isRecord } from "../files/json.ts";
import { broughtDefaults } from "./brought.ts";
import { choicesOf } from "./choices.ts";
import type { ConfigError } from "./errors.ts";
import { faultOf } from "./faults.ts";
import { migrate } from "./migrate.ts";
import { merge } from "./paths.ts";
import { configSchema } from "./schema.ts";
import { sections } from "./sections.ts";
import { sizeFault } from "./size.ts";
import type { Config, ParseOptions } from "./types.ts";

/** The schemas with and without the rules that hold only if images will be read. Each is made when it is needed. */
const schemas = new Map<boolean, Schema>();

/**
 * A configuration from any value, such as parsed JSON: absent fields take their defaults, and every fault is reported
 * at once with its path, what was expected and what was found. Configurations of earlier versions are understood.
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
export function parseConfig(input: unknown, options: ParseOptions = {}): Either<readonly ConfigError[], Config> {
  const tooLarge = sizeFault(input);
  if (tooLarge.length > 0) return Either.left(tooLarge);
  const { value, faults } = choicesOf(migrate(input));
  const whole = isRecord(value) ? merge(broughtDefaults(value), value) : value;
  const parsed = schemaOf(options).safeParse(whole);
  const found = parsed.success ? [] : onceEach(parsed.error.issues.flatMap((issue) => faultOf(issue, whole)));
  const all = [...faults, ...found].toSorted((a, b) => placeOf(a) - placeOf(b));
  // The schema is made of the declarations from which the type is inferred.
  return all.length === 0 ? Either.right(parsed.data as Config) : Either.left(all);
}

/** The faults without repetitions: both numbers of a range may have the same one. */
function onceEach(faults: readonly ConfigError[]): readonly ConfigError[] {
  return [...new Map(faults.map((fault) => [`${fault.path}: ${fault.expected}`, fault])).values()];
}

function schemaOf({ data = true }: ParseOptions): Schema {
  const schema = schemas.get(data) ?? configSchema({ data });
  schemas.set(data, schema);
  return schema;
}

/**
 * A configuration from a checkpoint or a run's folder, in today's layout and with absent fields filled in. One that
 * cannot be read comes back as it is.
 *
 * @param stored What was stored, by this version or an earlier one.
 */
export function readStored(stored: unknown): unknown {
  return pipe(parseConfig(stored, { data: false }), Either.getOrElse((): unknown => stored));
}

/** Where a fault is reported: section by section, and then what does not go together. */
function placeOf({ path, _tag }: ConfigError): number {
  const names = Object.keys(sections);
  const section = names.indexOf(path.split(".")[0]);
  if (_tag === "Conflict") return names.length + 1;
  return section === -1 ? names.length : section;
}
