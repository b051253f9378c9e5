/**
 * Configurations and their faults as text.
 *
 * @module
 */
import { type Config, fields } from "./config.ts";
import type { ConfigError } from "./errors.ts";
import { flagOf } from "./flags.ts";

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

/** A configuration as a short table: a line a section, the values in the order of the table of fields. */
export function renderConfig(config: Config): string {
  const rows = Object.entries(fields).map(([name, { about }]) => {
    const values = Object.entries(config[name as keyof Config]);
    const [first, ...rest] = values;
    const lead = first[0] === "name" || first[0] === "recipe" ? [show(first[1])] : [`${first[0]} ${show(first[1])}`];
    return [about, [...lead, ...rest.map(([key, value]) => `${words(key)} ${show(value)}`)].join(", ")] as const;
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
