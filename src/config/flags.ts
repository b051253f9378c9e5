/**
 * The command line's flags, derived from the declarations.
 *
 * @module
 */
import type { Field, Fields } from "../core/declare.ts";
import { familyOf } from "./families.ts";
import { moved } from "./migrate.ts";
import { valueAt } from "./paths.ts";
import { type Choice, type Plain, sections } from "./sections.ts";

/** Something that holds with some of a section's choices, or with all where none are named. */
export type With<A> = { readonly value: A; readonly with?: readonly string[] };

/** One flag: where it stands in the configuration, and what `--help` says of it. */
export type Flag = {
  /** The name without dashes: `method-momentum`. */
  readonly name: string;
  /** Other names that are understood: the field's path in kebab-case, today's and earlier ones. */
  readonly aliases: readonly string[];
  /** The path of its field: `method.momentum`. */
  readonly path: string;
  /** The title of its section: `Method`. */
  readonly section: string;
  /** How its value is written. */
  readonly kind: "number" | "boolean" | "string" | "path" | "list";
  /** What it means. */
  readonly about: readonly With<string>[];
  /** Its defaults; none where it may stay absent. */
  readonly defaults: readonly With<unknown>[];
  /** The choices that have it, or undefined where all do. */
  readonly owners: readonly string[] | undefined;
  /** The possible values, where they are few. */
  readonly choices: readonly string[] | undefined;
};

/** A field that some choices have, with its declaration in each. */
type Found = { readonly title: string; readonly fields: readonly (readonly [owner: string, field: Field])[] };

/** Every flag, in the order of the declarations. */
export const flags: readonly Flag[] = Object.entries(sections).flatMap(([name, section]) =>
  "variants" in section ? flagsOfChoice(name, section) : flagsOfPlain(name, section)
);

function flagsOfPlain(name: string, { title, fields }: Plain): readonly Flag[] {
  return leaves([name], title, fields).map(([path, field]) =>
    flagOf(path, { title, fields: [["", field]] }, undefined, [])
  );
}

function flagsOfChoice(name: string, section: Choice): readonly Flag[] {
  const all = Object.keys(section.variants);
  const found = new Map<string, Found>();
  for (const [owner, { fields }] of Object.entries(section.variants)) {
    for (const [path, field, title] of leaves([name], section.title, fields)) {
      found.set(path, { title, fields: [...found.get(path)?.fields ?? [], [owner, field]] });
    }
  }
  const choice: Flag = {
    name: section.flag,
    aliases: [`${name}-name`],
    path: `${name}.name`,
    section: section.title,
    kind: "string",
    about: [{ value: section.about }],
    defaults: [{ value: section.usual }],
    owners: undefined,
    choices: all,
  };
  return [choice, ...[...found].map(([path, each]) => flagOf(path, each, all, broughtTo(path)))];
}

/** The fields of some fields and of the groups in them, by path, with the title that they stand under. */
function leaves(
  path: readonly string[],
  title: string,
  fields: Fields,
): readonly (readonly [path: string, field: Field, title: string])[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.is === "group"
      ? leaves([...path, name], field.title, field.fields)
      : [[[...path, name].join("."), field, title] as const]
  );
}

function flagOf(
  path: string,
  { title, fields }: Found,
  all: readonly string[] | undefined,
  brought: readonly With<unknown>[],
): Flag {
  const [[, first]] = fields;
  const long = [path, ...former(path)].map(kebab);
  const name = first.flag ?? long[0];
  return {
    name,
    aliases: long.filter((each) => each !== name),
    path,
    section: title,
    kind: kindOf(first),
    about: grouped(fields.map(([owner, { about }]) => [owner, about])),
    defaults: [
      ...grouped(fields.flatMap(([owner, field]) => field.default === undefined ? [] : [[owner, field.default]])),
      ...brought,
    ],
    owners: all === undefined || fields.length === all.length ? undefined : fields.map(([owner]) => owner),
    choices: first.is === "choice" ? first.of.map(String) : undefined,
  };
}

/** Where a field stood in earlier versions. */
function former(path: string): readonly string[] {
  return moved.flatMap(([before, now]) =>
    path === now || path.startsWith(`${now}.`) ? [`${before}${path.slice(now.length)}`] : []
  );
}

/** The defaults that choices of any section bring to a field. */
function broughtTo(path: string): readonly With<unknown>[] {
  return Object.values(sections).flatMap((section) =>
    "variants" in section
      ? Object.entries(section.variants).flatMap(([owner, { defaults = [] }]) =>
        defaults.flatMap(({ where, set }): With<unknown>[] => {
          const value = valueAt(set, path.split("."));
          const owners = where === undefined ? [owner] : [`${owner} and ${ownersOf(where)}`];
          return value === undefined ? [] : [{ value, with: owners }];
        })
      )
      : []
  );
}

/** The choices that have the field at a path, in words. */
function ownersOf(path: string): string {
  const [name, field] = path.split(".");
  const { variants } = sections[name] as Choice;
  const [all, some] = [Object.keys(variants), Object.keys(variants).filter((each) => field in variants[each].fields)];
  return familyOf(some, all);
}

/** The distinct values, each with the names that have it. The first is the most common, and comes without names. */
function grouped<A>(values: readonly (readonly [owner: string, value: A])[]): readonly With<A>[] {
  const groups = new Map<string, { readonly value: A; readonly owners: readonly string[] }>();
  for (const [owner, value] of values) {
    const key = JSON.stringify(value);
    groups.set(key, { value, owners: [...groups.get(key)?.owners ?? [], owner] });
  }
  const [common, ...others] = [...groups.values()].toSorted((a, b) => b.owners.length - a.owners.length);
  if (common === undefined) return [];
  return [{ value: common.value }, ...others.map(({ value, owners }) => ({ value, with: owners }))];
}

function kindOf(field: Field): Flag["kind"] {
  switch (field.is) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "range":
    case "list":
      return "list";
    case "choice":
      return typeof field.of[0] === "number" ? "number" : "string";
    case "path":
      return "path";
    case "text":
      return "string";
  }
}

/** A path in kebab-case: `training.checkpointEvery` is `training-checkpoint-every`. */
export function kebab(path: string): string {
  return path.replaceAll(".", "-").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The name of the flag that sets the field at `path`, or undefined where there is none. */
export function flagAt(path: string): string | undefined {
  return flags.find((flag) => flag.path === path || path.startsWith(`${flag.path}.`))?.name;
}
