/**
 * From flags' text to fields.
 *
 * @module
 */
import { type Flag, flags } from "./flags.ts";
import { merge, nest } from "./paths.ts";
import type { Part } from "./sections.ts";

/**
 * What a JSON file would hold in the place of a flag's text. Text that is not of the flag's kind stays text, so that
 * the parser reports it with the other faults.
 */
export function readFlag(kind: Flag["kind"], text: string): unknown {
  if (kind === "number") return asNumber(text);
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "list") return text.trim() === "" ? [] : text.split(",").map((part) => asNumber(part.trim()));
  return text;
}

function asNumber(text: string): unknown {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text : value;
}

/**
 * The flags that were given, as a partial configuration.
 *
 * @param options What a command line was parsed to: values by option, in camel case.
 */
export function fromOptions(options: Part): Part {
  return flags.flatMap(({ name, aliases, path, kind }) =>
    [...aliases, name].flatMap((flag) => {
      const value = options[camel(flag)];
      return value === undefined
        ? []
        : [nest(path.split("."), typeof value === "string" ? readFlag(kind, value) : value)];
    })
  ).reduce(merge, {});
}

function camel(name: string): string {
  return name.replaceAll(/-[a-z0-9]/g, (pair) => pair[1].toUpperCase());
}
