/**
 * What a configuration chooses by name, before anything else of it is looked at.
 *
 * @module
 */
import { isRecord } from "../files/json.ts";
import { type ConfigError, describe } from "./errors.ts";
import { isForeign } from "./overridden.ts";
import { type Choice, namesIn, owners, sections } from "./sections.ts";
import { isSilent } from "./silent.ts";
import { nearest } from "./suggest.ts";

/**
 * A value with the name of what each section chooses, and with the faults of these names and of fields that belong to
 * other choices. Such fields are left out. One that holds its default says nothing, and is no fault.
 */
export function choicesOf(input: unknown): { readonly value: unknown; readonly faults: readonly ConfigError[] } {
  if (!isRecord(input)) return { value: input, faults: [] };
  const { $schema: _, ...sectionsGiven } = input; // it is for editors
  const faults: ConfigError[] = [];
  const names = namesIn(input);
  const parts = Object.entries(names).map(([name, chosen]): readonly [string, unknown] => {
    const section = sections[name] as Choice;
    const given = input[name] ?? {};
    if (!isRecord(given)) return [name, given];
    const isKnown = given.name === undefined || given.name === chosen;
    if (!isKnown) faults.push(unknownName(name, section, given.name));
    const own = Object.entries(given).filter(([field]) => {
      if (!isForeign(name, field, input)) return true;
      // Where the name is wrong, nobody knows what its fields belong to.
      if (isKnown && !isSilent(name, field, input)) faults.push(foreign(name, section, field, chosen));
      return false;
    });
    return [name, { ...Object.fromEntries(own), name: chosen }];
  });
  return { value: { ...sectionsGiven, ...Object.fromEntries(parts) }, faults };
}

function unknownName(section: string, { variants }: Choice, found: unknown): ConfigError {
  const known = Object.keys(variants);
  const suggestion = typeof found === "string" ? nearest(found, known) : undefined;
  return {
    _tag: "Invalid",
    path: `${section}.name`,
    expected: known.map((name) => JSON.stringify(name)).join(" or "),
    found: describe(found),
    ...suggestion === undefined ? {} : { suggestion },
  };
}

function foreign(name: string, section: Choice, field: string, chosen: string): ConfigError {
  return {
    _tag: "Foreign",
    path: `${name}.${field}`,
    expected: owners(section, field).join(" or "),
    found: chosen,
  };
}
