/**
 * Which fields a configuration reads, given the names that it chooses, and what absent ones then stand for.
 *
 * @module
 */
import type { Condition, Field } from "./decode.ts";
import { fields } from "./fields.ts";
import type { Config, PartialConfig } from "./types.ts";

type Json = Readonly<Record<string, unknown>>;

/** Every field with its path, `method.queue`, in the order of the table. */
export const fieldsByPath: readonly (readonly [path: string, field: Field<unknown>])[] = Object.entries(fields).flatMap(
  ([section, { decoder }]) =>
    Object.entries(decoder.fields ?? {}).map(([name, field]) => [`${section}.${name}`, field] as const),
);

const table: Readonly<Record<string, Field<unknown>>> = Object.fromEntries(fieldsByPath);

/** Whether the field at a path is read with the choices that a configuration makes. */
export function isRead(path: string, config: Config): boolean {
  return holds(table[path].readWhere ?? {}, config);
}

/** What the field at a path stands for where it is absent, with the choices that a configuration makes. */
export function fallbackOf(path: string, config: Config): unknown {
  return fallback(table[path], config);
}

/**
 * A value that is to become a configuration, with the fallbacks that depend on its choices in the place of absent fields.
 * Whatever is not of the right kind stays for the decoder to refuse.
 */
export function withFallbacks(input: unknown): unknown {
  if (!isRecord(input)) return input;
  const sections = Object.entries(fields).flatMap(([section, { decoder }]): [string, unknown][] => {
    const given = input[section] ?? {};
    if (!isRecord(given)) return [];
    const dependent = Object.entries(decoder.fields ?? {}).filter(([name, field]) =>
      field.fallbacks !== undefined && given[name] === undefined
    );
    return [[section, { ...given, ...Object.fromEntries(dependent.map(([name, f]) => [name, fallback(f, input)])) }]];
  });
  return { ...input, ...Object.fromEntries(sections) };
}

/** The fields that a configuration reads: what is shown and stored of it. Parsed again, they are the whole of it. */
export function readPart(config: Config): PartialConfig & Pick<Config, "training"> {
  return withoutUnread(config, config) as PartialConfig & Pick<Config, "training">;
}

/**
 * Some fields of a configuration, without those that are not read with the choices that another one makes: so a preset
 * with another encoder than its own keeps nothing that belonged to its own alone.
 *
 * @param part The fields.
 * @param chosen The configuration, or the part of one, whose choices count.
 */
export function withoutUnread(part: Json, chosen: Json): Json {
  return Object.fromEntries(
    Object.entries(part).flatMap(([section, values]): [string, unknown][] => {
      if (!isRecord(values)) return [[section, values]];
      const read = Object.entries(values).filter(([name]) =>
        holds(table[`${section}.${name}`]?.readWhere ?? {}, chosen)
      );
      return read.length === 0 ? [] : [[section, Object.fromEntries(read)]];
    }),
  );
}

function fallback(field: Field<unknown>, chosen: Json): unknown {
  const special = field.fallbacks?.find(({ where }) => holds(where, chosen));
  return special === undefined ? field.fallback : special.fallback;
}

function holds(where: Condition, chosen: Json): boolean {
  return Object.entries(where).every(([path, names]) => names.includes(String(choiceAt(path, chosen))));
}

/** The name that is chosen at a path; the first choice where nothing is said. */
function choiceAt(path: string, chosen: Json): unknown {
  const [section, name] = path.split(".");
  const values = chosen[section];
  return (isRecord(values) ? values[name] : undefined) ?? table[path].fallback;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
