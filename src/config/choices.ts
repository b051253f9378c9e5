/**
 * What a configuration chooses by name, before anything else of it is looked at.
 *
 * @module
 */
import { isRecord } from "../files/json.ts";
import { type ConfigError, describe } from "./errors.ts";
import { isForeign } from "./overridden.ts";
import { type Choice, namesIn, owners, type Part, sections } from "./sections.ts";
import { isSilent } from "./silent.ts";
import { nearest } from "./suggest.ts";

/** A value, and what is wrong with the choices in it. */
type Chosen = { readonly value: unknown; readonly faults: readonly ConfigError[] };

/**
 * A value with the name that each section chooses, and with the faults of these names and of fields that belong to
 * other choices. Such fields are left out. One that holds its default says nothing and is not a fault.
 */
export function choicesOf(input: unknown): Chosen {
  if (!isRecord(input)) return { value: input, faults: [] };
  const { $schema: _, ...given } = input; // it is for editors
  const chosen = Object.entries(namesIn(given)).map(([section, name]) =>
    [section, chosenIn(section, name, given)] as const
  );
  const values = chosen.map(([section, { value }]) => [section, value] as const);
  return {
    value: { ...given, ...Object.fromEntries(values) },
    faults: chosen.flatMap(([, { faults }]) => faults),
  };
}

/** The same for a section that chooses a name. */
function chosenIn(name: string, chosen: string, config: Part): Chosen {
  const given = config[name] ?? {};
  if (!isRecord(given)) return { value: given, faults: [] };
  const section = sections[name] as Choice;
  const [foreign, own] = [true, false].map((is) =>
    Object.entries(given).filter(([field]) => isForeign(name, field, config) === is)
  );
  const value = { ...Object.fromEntries(own), name: chosen };
  // If the name is wrong, it is not known what its fields belong to.
  if (given.name !== undefined && given.name !== chosen) {
    return { value, faults: [unknownName(name, section, given.name)] };
  }
  const heard = foreign.filter(([field]) => !isSilent(name, field, config));
  return { value, faults: heard.map(([field]) => foreignField(name, section, field, chosen)) };
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

function foreignField(name: string, section: Choice, field: string, chosen: string): ConfigError {
  return {
    _tag: "Foreign",
    path: `${name}.${field}`,
    expected: owners(section, field).join(" or "),
    found: chosen,
  };
}
