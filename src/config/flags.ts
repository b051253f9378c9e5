/**
 * The command line's flags, derived from the table of fields.
 *
 * @module
 */
import { fields } from "./fields.ts";
import type { Condition, Field, Kind } from "./decode.ts";

/** One flag: where it stands in the configuration, and what `--help` says of it. */
export type Flag = {
  /** The name without dashes: `method-momentum`. */
  readonly name: string;
  /** The path of its field: `method.momentum`. */
  readonly path: string;
  /** The title of its section: `Method`. */
  readonly section: string;
  /** How its value is written. */
  readonly kind: Kind;
  /** What it takes, in words. */
  readonly expected: string;
  /** What it means. */
  readonly about: string;
  /** The default, or undefined where there is none. */
  readonly fallback: unknown;
  /** The defaults with some choices. */
  readonly fallbacks: readonly { readonly where: Condition; readonly fallback: unknown }[];
  /** The choices with which it is read, or undefined where it always is. */
  readonly readWhere: Condition | undefined;
  /** The possible values, where they are few. */
  readonly choices: readonly string[] | undefined;
};

/** Every flag, in the order of the table of fields. */
export const flags: readonly Flag[] = Object.entries(fields).flatMap(([section, { about, decoder }]) =>
  Object.entries(decoder.fields ?? {}).map(([name, field]) => flag(section, about, name, field))
);

function flag(section: string, title: string, name: string, field: Field<unknown>): Flag {
  return {
    name: field.flag ?? kebab(`${section}.${name}`),
    path: `${section}.${name}`,
    section: title,
    kind: field.decoder.kind,
    expected: field.decoder.expected,
    about: field.about,
    fallback: field.fallback,
    fallbacks: field.fallbacks ?? [],
    readWhere: field.readWhere,
    choices: field.decoder.choices,
  };
}

/** A path in kebab-case: `training.checkpointEvery` is `training-checkpoint-every`. */
export function kebab(path: string): string {
  return path.replaceAll(".", "-").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The name of the flag that sets the field at `path`, or undefined where there is none. */
export function flagOf(path: string): string | undefined {
  return flags.find((flag) => flag.path === path || path.startsWith(`${flag.path}.`))?.name;
}

/**
 * What a JSON file would hold in the place of a flag's text. Text that is not of the flag's kind stays text, so that the
 * parser reports it with the other faults.
 */
export function readFlag(kind: Kind, text: string): unknown {
  if (kind === "number") return asNumber(text);
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "list") return text.trim() === "" ? [] : text.split(",").map((part) => asNumber(part.trim()));
  return text;
}

function asNumber(text: string): unknown {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text : value;
}

/** A partial configuration from flags' values by path: `{ "training.batch": 64 }` is `{ training: { batch: 64 } }`. */
export function fromFlags(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.entries(values).reduce<Readonly<Record<string, unknown>>>(
    (whole, [path, value]) => merge(whole, nest(path.split("."), value)),
    {},
  );
}

function nest([first, ...rest]: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

/** Two partial configurations as one: records are merged, and elsewhere the second wins. Neither is changed. */
export function merge(
  first: Readonly<Record<string, unknown>>,
  second: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged = Object.entries(second).map(([name, value]) => {
    const before = Object.hasOwn(first, name) ? first[name] : undefined;
    return [name, isRecord(before) && isRecord(value) ? merge(before, value) : value] as const;
  });
  return { ...first, ...Object.fromEntries(merged) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
