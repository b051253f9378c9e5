/**
 * The command line's flags, derived from the declarations.
 *
 * @module
 */
import type { Field, Fields } from "../core/declare.ts";
import { moved } from "./migrate.ts";
import { merge, nest, valueAt } from "./paths.ts";
import { type Choice, type Part, type Plain, sections } from "./sections.ts";

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
  readonly kind: "number" | "boolean" | "string" | "list";
  /** What it means. */
  readonly about: readonly With<string>[];
  /** Its defaults; none where it may stay absent. */
  readonly defaults: readonly With<unknown>[];
  /** The choices that have it, or undefined where all do. */
  readonly owners: readonly string[] | undefined;
  /** The possible values, where they are few. */
  readonly choices: readonly string[] | undefined;
};

/** A field that some choices have, beside what it is with each. */
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
  return inWords(some, all);
}

/** Equal values once, each with those that have it; the first, which is the most common, with no names. */
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
    case "text":
    case "path":
      return "string";
  }
}

/** What `--help` says of a flag: what it means, its choices, what it belongs to, and its defaults. */
export function describeFlag({ about, choices, defaults, owners, kind, path }: Flag): string {
  const all = allOwners(path);
  const notes = [
    ...choices !== undefined && choices.length > 1 ? [choices.join(" | ")] : [],
    ...owners === undefined ? [] : [`with ${inWords(owners, all)}`],
    ...defaults.length === 0 || (kind === "boolean" && defaults.length === 1)
      ? []
      : [`default ${defaults.map((each) => said(each, all)).join(", ")}`],
  ];
  const meaning = about.map((each) => said(each, all)).join("; ");
  return notes.length === 0 ? meaning : `${meaning} (${notes.join("; ")})`;
}

/** What a flag means, without what it belongs to. */
export function meaningOf({ about: [{ value }] }: Flag): string {
  return value;
}

function said({ value, with: owners }: With<unknown>, all: readonly string[]): string {
  return owners === undefined ? String(value) : `${value} with ${inWords(owners, all)}`;
}

function allOwners(path: string): readonly string[] {
  const section = sections[path.split(".")[0]];
  return "variants" in section ? Object.keys(section.variants) : [];
}

/** Names in words; a family of which all are there by its common beginning: `resnet*`. */
function inWords(names: readonly string[], all: readonly string[]): string {
  const family = /^[a-z]+/.exec(names[0])![0];
  const isWhole = names.length > 1 && all.every((each) => names.includes(each) === each.startsWith(family));
  return isWhole ? `${family}*` : names.join(" or ");
}

/** A path in kebab-case: `training.checkpointEvery` is `training-checkpoint-every`. */
export function kebab(path: string): string {
  return path.replaceAll(".", "-").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The name of the flag that sets the field at `path`, or undefined where there is none. */
export function flagAt(path: string): string | undefined {
  return flags.find((flag) => flag.path === path || path.startsWith(`${flag.path}.`))?.name;
}

/**
 * What a JSON file would hold in the place of a flag's text. Text that is not of the flag's kind stays text, so that the
 * parser reports it with the other faults.
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
