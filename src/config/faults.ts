/**
 * What the schema finds wrong, as faults of a configuration.
 *
 * @module
 */
import type { z } from "../dependencies/zod.ts";
import type { Breach, Field, Fields, Group } from "../core/declare.ts";
import { inWords, recordInWords } from "../core/in_words.ts";
import { isRecord } from "../files/json.ts";
import { type ConfigError, describe } from "./errors.ts";
import { valueAt } from "./paths.ts";
import { fieldsIn, sections } from "./sections.ts";
import { nearest } from "./suggest.ts";

/**
 * The faults that an issue of the schema stands for.
 *
 * @param issue What the schema found.
 * @param input What it was given.
 */
export function faultOf(issue: z.core.$ZodIssue, input: unknown): readonly ConfigError[] {
  const path = issue.path.map(String);
  if (issue.code === "custom" && issue.params !== undefined) {
    return [{ _tag: "Conflict", path: path.join("."), ...issue.params as Breach }];
  }
  if (issue.code === "unrecognized_keys") return issue.keys.map((name) => unknown([...path, name], input));
  const { field, at } = fieldAt(path, input);
  const expected = field === undefined ? recordInWords(namesAt(at, input)) : inWords(field);
  const found = valueAt(input, at);
  const suggestion = field?.is === "choice" && typeof found === "string"
    ? nearest(found, field.of.map(String))
    : undefined;
  return [{
    _tag: "Invalid",
    path: at.join("."),
    expected,
    found: describe(found),
    ...suggestion === undefined ? {} : { suggestion },
  }];
}

function unknown(path: readonly string[], input: unknown): ConfigError {
  const known = namesAt(path.slice(0, -1), input);
  const suggestion = nearest(path[path.length - 1], known);
  return {
    _tag: "Unknown",
    path: path.join("."),
    expected: `one of the fields ${known.join(", ")}`,
    found: `an unknown field, ${describe(valueAt(input, path))}`,
    ...suggestion === undefined ? {} : { suggestion: [...path.slice(0, -1), suggestion].join(".") },
  };
}

/** The field that a path leads to or into, and its path; no field where it leads to a section or the whole. */
function fieldAt(
  path: readonly string[],
  input: unknown,
): { readonly field?: Field | Group; readonly at: readonly string[] } {
  let at: readonly string[] = path.slice(0, 1);
  let fields = fieldsOf(at, input);
  let field: Field | Group | undefined;
  for (const name of path.slice(1)) {
    if (field?.is === "range") break;
    at = [...at, name];
    if (field?.is === "list") return { field: { ...field, is: "number", default: undefined }, at };
    field = fields[name];
    fields = field?.is === "group" ? field.fields : {};
  }
  return { ...field === undefined ? {} : { field }, at };
}

/** The fields of the section that a path begins with. */
function fieldsOf([section]: readonly string[], input: unknown): Fields {
  return section !== undefined && Object.hasOwn(sections, section)
    ? fieldsIn(section, isRecord(input) ? input : {})
    : {};
}

/** The names that the record at a path may contain. */
function namesAt(path: readonly string[], input: unknown): readonly string[] {
  if (path.length === 0) return Object.keys(sections);
  const { field } = fieldAt(path, input);
  if (field?.is === "group") return Object.keys(field.fields);
  return [..."variants" in sections[path[0]] ? ["name"] : [], ...Object.keys(fieldsOf(path, input))];
}
