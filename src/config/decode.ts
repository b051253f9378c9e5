/**
 * Decoders: from an unknown value to a typed one, or to every fault that it has. They compose: a record of decoders is a
 * decoder, and its faults are those of all its fields.
 *
 * @module
 */
import { Either, pipe, ReadonlyArray } from "../dependencies/fp_ts.ts";
import { type ConfigError, describe } from "./errors.ts";
import { nearest } from "./suggest.ts";

/** Every fault found, or the value: an fp-ts `Either<readonly ConfigError[], A>`, written out. */
export type Decoded<A> =
  | { readonly _tag: "Left"; readonly left: readonly ConfigError[] }
  | { readonly _tag: "Right"; readonly right: A };

/** How a value is written in text, so that a flag's text can be turned into the value that a JSON file would hold. */
export type Kind = "number" | "boolean" | "string" | "list" | "record";

/** A decoder of `A`. */
export type Decoder<A> = {
  /** How the value is written. */
  readonly kind: Kind;
  /** What the decoder takes, in words that follow "expected": `a number in [0, 1]`. */
  readonly expected: string;
  /** The value, or every fault; `path` is where the value stands. */
  readonly decode: (value: unknown, path: string) => Decoded<A>;
  /** The fields, where the decoder is of a record. */
  readonly fields?: Readonly<Record<string, Field<unknown>>>;
  /** The possible values, where they are few. */
  readonly choices?: readonly string[];
};

/** What must be chosen for something to hold: the field at each path is one of the names. */
export type Condition = Readonly<Record<string, readonly string[]>>;

/** One field of a record: its decoder, and what it stands for. */
export type Field<A> = {
  /** What the field takes. */
  readonly decoder: Decoder<A>;
  /** What the field means, in one line, with its unit. */
  readonly about: string;
  /** The value where the field is absent; undefined for a field that may stay absent. */
  readonly fallback: A | undefined;
  /** What the field stands for instead where it is absent and a condition holds; the first that does counts. */
  readonly fallbacks?: readonly { readonly where: Condition; readonly fallback: A }[];
  /** The choices with which the field is read; where absent, it always is. */
  readonly readWhere?: Condition;
  /** Whether the field must be there. */
  readonly required: boolean;
  /** The flag on the command line, without dashes, where it is not the path in kebab-case. */
  readonly flag?: string;
};

/** A field for every property of `T`, optional ones included. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** Either every fault of all parts together, or all values: what makes a report complete. */
function all<A>(parts: readonly Decoded<A>[]): Decoded<readonly A[]> {
  const { left, right } = ReadonlyArray.separate(parts);
  return left.length === 0 ? Either.right(right) : Either.left(left.flat());
}

function invalid(path: string, expected: string, value: unknown, suggestion?: string): Decoded<never> {
  const tag = value === undefined ? "Missing" : "Invalid";
  return Either.left([{
    _tag: tag,
    path,
    expected,
    found: describe(value),
    ...(suggestion === undefined ? {} : { suggestion }),
  }]);
}

function scalar<A>(kind: Kind, expected: string, is: (value: unknown) => value is A): Decoder<A> {
  return {
    kind,
    expected,
    decode: (value, path) => is(value) ? Either.right(value) : invalid(path, expected, value),
  };
}

/** The bounds of a number. */
export type Bounds = {
  /** The least value. */
  readonly min?: number;
  /** The greatest value. */
  readonly max?: number;
  /** The value must be greater than this one. */
  readonly above?: number;
};

/** A finite number within bounds. */
export function number(bounds: Bounds = {}): Decoder<number> {
  return scalar("number", `a number${boundsInWords(bounds)}`, (value): value is number => within(value, bounds));
}

/** A whole number within bounds. */
export function integer(bounds: Bounds = {}): Decoder<number> {
  return scalar(
    "number",
    `a whole number${boundsInWords(bounds)}`,
    (value): value is number => Number.isSafeInteger(value) && within(value, bounds),
  );
}

function within(value: unknown, { min = -Infinity, max = Infinity, above = -Infinity }: Bounds): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= min && value <= max && value > above;
}

function boundsInWords({ min, max, above }: Bounds): string {
  const lower = above !== undefined ? `greater than ${above}` : min !== undefined ? `of at least ${min}` : "";
  if (min !== undefined && max !== undefined) return ` in [${min}, ${max}]`;
  const upper = max !== undefined ? `at most ${max}` : "";
  if (lower && upper) return ` ${lower} and ${upper}`;
  return lower || upper ? ` ${lower || `of ${upper}`}` : "";
}

/** true or false. */
export const boolean: Decoder<boolean> = scalar(
  "boolean",
  "true or false",
  (value): value is boolean => typeof value === "boolean",
);

/** A text that is not empty. */
export const string: Decoder<string> = scalar(
  "string",
  "a text",
  (value): value is string => typeof value === "string" && value.length > 0,
);

/** One of a few texts, or of a few numbers. */
export function literal<const A extends readonly string[] | readonly number[]>(...choices: A): Decoder<A[number]> {
  const expected = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  const names = choices.map(String);
  return {
    kind: typeof choices[0] === "number" ? "number" : "string",
    expected,
    choices: names,
    decode: (value, path) =>
      (choices as readonly unknown[]).includes(value)
        ? Either.right(value as A[number])
        : invalid(path, expected, value, typeof value === "string" ? nearest(value, names) : undefined),
  };
}

/** A list of values, each decoded by `item`; faults carry the place in the list, from 0: `milestones.1`. */
export function list<A>(item: Decoder<A>): Decoder<readonly A[]> {
  const expected = `a list of which each is ${item.expected}`;
  return {
    kind: "list",
    expected,
    decode: (value, path) =>
      Array.isArray(value)
        ? all(value.map((each: unknown, i) => item.decode(each, join(path, String(i)))))
        : invalid(path, expected, value),
  };
}

/** Two numbers, the first at most the second. */
export function range(bounds: Bounds = {}): Decoder<readonly [number, number]> {
  const expected = `two numbers${boundsInWords(bounds)} in ascending order, as [0.2, 1]`;
  return scalar(
    "list",
    expected,
    (value): value is readonly [number, number] =>
      Array.isArray(value) && value.length === 2 && value.every((each) => within(each, bounds)) && value[0] <= value[1],
  );
}

/** A decoder with one more condition. */
export function refine<A>(decoder: Decoder<A>, expected: string, holds: (value: A) => boolean): Decoder<A> {
  return {
    ...decoder,
    expected,
    decode: (value, path) =>
      pipe(
        decoder.decode(value, path),
        Either.flatMap((decoded) => holds(decoded) ? Either.right(decoded) : invalid(path, expected, value)),
      ),
  };
}

/**
 * A record with exactly these fields: absent ones take their fallback, unknown ones are refused, and the faults of all
 * fields are reported together.
 */
export function record<T>(fields: Fields<T>): Decoder<T> {
  const table = fields as Readonly<Record<string, Field<unknown>>>;
  const known = Object.keys(table);
  const expected = `a record of {${known.join(", ")}}`;
  return {
    kind: "record",
    expected,
    fields: table,
    decode: (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return invalid(path, expected, value);
      const given = value as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(given).filter((name) => !Object.hasOwn(table, name));
      const entry = (name: string): Decoded<readonly [string, unknown]> => {
        if (!Object.hasOwn(table, name)) return Either.left([unknownField(name, known, given[name], path)]);
        return pipe(decodeField(table[name], given[name], join(path, name)), Either.map((field) => [name, field]));
      };
      return pipe(
        all([...known, ...unknown].map(entry)),
        Either.map((entries) => Object.fromEntries(entries.filter(([, field]) => field !== undefined)) as T),
      );
    },
  };
}

function decodeField<A>(field: Field<A>, value: unknown, path: string): Decoded<A | undefined> {
  if (value !== undefined) return field.decoder.decode(value, path);
  return field.required ? invalid(path, field.decoder.expected, undefined) : Either.right(field.fallback);
}

function unknownField(name: string, known: readonly string[], value: unknown, path: string): ConfigError {
  const suggestion = nearest(name, known);
  return {
    _tag: "Unknown",
    path: join(path, name),
    expected: `one of the fields ${known.join(", ")}`,
    found: `an unknown field, ${describe(value)}`,
    ...(suggestion === undefined ? {} : { suggestion: join(path, suggestion) }),
  };
}

/** A field that takes `fallback` where it is absent. */
export function field<A>(decoder: Decoder<A>, fallback: A, about: string, flag?: string): Field<A> {
  return { decoder, about, fallback, required: false, ...(flag === undefined ? {} : { flag }) };
}

/** A field that may stay absent. */
export function optional<A>(decoder: Decoder<A>, about: string, flag?: string): Field<A> {
  return { decoder, about, fallback: undefined, required: false, ...(flag === undefined ? {} : { flag }) };
}

/** A field that must be there. */
export function required<A>(decoder: Decoder<A>, about: string, flag?: string): Field<A> {
  return { decoder, about, fallback: undefined, required: true, ...(flag === undefined ? {} : { flag }) };
}

/** The same field, read only with some choices: elsewhere a value other than the fallback is a conflict. */
export function readWhere<A>(where: Condition, field: Field<A>): Field<A> {
  return { ...field, readWhere: where };
}

/** The same field with another fallback where a condition holds. */
export function fallbackWhere<A>(where: Condition, fallback: A, field: Field<A>): Field<A> {
  return { ...field, fallbacks: [{ where, fallback }, ...(field.fallbacks ?? [])] };
}

/** A record within a record, absent being the same as empty. */
export function section<T>(about: string, fields: Fields<T>): Field<T> {
  const decoder = record(fields);
  return {
    decoder,
    about,
    fallback: pipe(decoder.decode({}, ""), Either.getOrElse((): T | undefined => undefined)),
    required: false,
  };
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
