/**
 * Configurations and their faults as text.
 *
 * @module
 */
import type { ConfigError } from "./errors.ts";
import { fields } from "./fields.ts";
import { flagOf } from "./flags.ts";
import { readPart } from "./reading.ts";
import type { Config } from "./types.ts";

/** One fault as one line: `training.batch: expected a whole number of at least 2, found "abc"`. */
export function renderConfigError({ path, expected, found, suggestion, _tag }: ConfigError): string {
  const where = path === "" ? "the configuration" : path;
  const meant = suggestion === undefined
    ? ""
    : ` (did you mean ${_tag === "Unknown" ? suggestion : `"${suggestion}"`}?)`;
  if (_tag === "Unknown") {
    return `${where}: expected no such field, found ${found.replace("an unknown field, ", "")}${meant}`;
  }
  const flag = flagOf(path);
  return `${where}${flag === undefined ? "" : ` (--${flag})`}: expected ${expected}, found ${found}${meant}`;
}

/** Every fault, a line each, under a line that counts them. */
export function renderConfigErrors(errors: readonly ConfigError[]): string {
  const count = errors.length === 1 ? "1 fault" : `${errors.length} faults`;
  return [`Cannot use the configuration: ${count}`, ...errors.map((error) => `  ${renderConfigError(error)}`)].join(
    "\n",
  );
}

/**
 * What a configuration reads as a short table: a line a section, the values in the order of the table of fields.
 *
 * @param config The configuration.
 */
export function renderConfig(config: Config): string {
  const read = readPart(config);
  const rows = Object.entries(fields).flatMap(([section, { about }]): (readonly [string, string])[] => {
    const values = Object.entries(read[section as keyof Config] ?? {}).map(([name, value]) =>
      name === "name" || name === "recipe" ? show(value) : `${words(name)} ${show(value)}`
    );
    return values.length === 0 ? [] : [[about, values.join(", ")]];
  });
  const width = Math.max(...rows.map(([about]) => about.length));
  return rows.map(([about, values]) => `${about.padEnd(width)}  ${values}`).join("\n");
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
