/**
 * Configurations and their faults as text.
 *
 * @module
 */
import { printableLine } from "../core/printable.ts";
import { isRecord } from "../files/json.ts";
import type { ConfigError } from "./errors.ts";
import { flagAt } from "./flags.ts";
import { fieldsIn, sections } from "./sections.ts";
import type { Config } from "./types.ts";

/**
 * One fault as one line: `training.batch (--batch): expected a whole number of at least 2, found "abc"`, or
 * `method.queue (--queue) belongs to moco; this method is simclr`.
 */
function renderConfigError({ path, expected, found, suggestion, _tag }: ConfigError): string {
  const where = path === "" ? "the configuration" : path;
  const meant = suggestion === undefined
    ? ""
    : ` (did you mean ${_tag === "Unknown" ? suggestion : `"${suggestion}"`}?)`;
  if (_tag === "Unknown") {
    return `${where}: expected no such field, found ${found.replace("an unknown field, ", "")}${meant}`;
  }
  const flag = flagAt(path);
  const named = `${where}${flag === undefined ? "" : ` (--${flag})`}`;
  if (_tag === "Foreign") return `${named} belongs to ${expected}; this ${path.split(".")[0]} is ${found}`;
  return `${named}: expected ${expected}, found ${found}${meant}`;
}

/** How many faults are written out before the rest is only counted. */
const shown = 20;

/**
 * Every fault, a line each, under a line that counts them.
 *
 * @param errors The faults, as {@linkcode parseConfig} finds them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig, renderConfigErrors } from "@momentum-contrast/moco";
 *
 * const parsed = parseConfig({ training: { epochs: 0 } });
 * assertEquals(
 *   parsed._tag === "Left" && renderConfigErrors(parsed.left),
 *   "Cannot use the configuration: 1 fault\n  training.epochs (--epochs): expected a whole number of at least 1, found 0",
 * );
 * ```
 */
export function renderConfigErrors(errors: readonly ConfigError[]): string {
  const count = errors.length === 1 ? "1 fault" : `${errors.length} faults`;
  const lines = errors.slice(0, shown).map((error) => `  ${renderConfigError(error)}`);
  const hidden = errors.length > shown ? [`  and ${errors.length - shown} more`] : [];
  return [`Cannot use the configuration: ${count}`, ...lines, ...hidden].join("\n");
}

/**
 * A configuration as a short table: one line per section, the values in the order of the declarations.
 *
 * @param config The configuration.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { defaultConfig, renderConfig } from "@momentum-contrast/moco";
 *
 * assertStringIncludes(renderConfig(defaultConfig), "epochs 20");
 * ```
 */
export function renderConfig(config: Config): string {
  const rows = Object.entries(sections).flatMap(([name, { title }]) => rowsOf(title, name, config));
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows.map(([title, values]) => `${title.padEnd(width)}  ${values}`).join("\n");
}

/** A section's line, and a line for each group of fields in it. */
function rowsOf(title: string, section: string, config: Config): readonly (readonly [string, string])[] {
  const values: Readonly<Record<string, unknown>> = config[section as keyof Config];
  const fields = fieldsIn(section, config);
  const line = Object.entries(values).flatMap(([name, value]) => isRecord(value) ? [] : [showField(name, value)]);
  const groups = Object.entries(fields).flatMap(([name, field]): (readonly [string, string])[] =>
    field.is === "group"
      ? [[field.title, Object.entries(values[name] ?? {}).map(([inner, value]) => showField(inner, value)).join(", ")]]
      : []
  );
  return [[title, line.join(", ")], ...groups];
}

function showField(name: string, value: unknown): string {
  return name === "name" || name === "recipe" ? show(value) : `${words(name)} ${show(value)}`;
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return typeof value === "boolean" ? (value ? "yes" : "no") : printableLine(String(value));
}
