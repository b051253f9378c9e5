/**
 * Declarations: the settings of a method, an encoder, an optimizer or a data source, written down next to the code that
 * they configure.
 *
 * A declaration is plain data. Its types are inferred from it here. The checks, the flags with their help, the summary
 * and the JSON Schema are derived from it in `src/config/`. Reading a declaration loads nothing else: `load` imports
 * the code only when something is built.
 *
 * @module
 */

/** The bounds of a number. */
export type Bounds = {
  /** The least value. */
  readonly min?: number;
  /** The greatest value. */
  readonly max?: number;
  /** The value must be greater than this one. */
  readonly above?: number;
  /** The value must be less than this one. */
  readonly below?: number;
};

/** What a field takes. A field without a default may be absent. */
export type Kind =
  | Bounds & { readonly is: "number"; readonly default?: number }
  | Bounds & { readonly is: "integer"; readonly default?: number }
  | { readonly is: "boolean"; readonly default?: boolean }
  | { readonly is: "text"; readonly default?: string }
  /** A file or folder, relative to the current folder. `words` are accepted texts that are not paths. */
  | { readonly is: "path"; readonly words?: readonly string[]; readonly default?: string }
  | {
    readonly is: "choice";
    readonly of: readonly (string | number)[];
    readonly default?: string | number;
  }
  /** Two numbers, the first at most the second. */
  | Bounds & { readonly is: "range"; readonly default?: readonly [number, number] }
  /** Any number of numbers. */
  | Bounds & { readonly is: "list"; readonly default?: readonly number[] };

/** One field. */
export type Field = Kind & {
  /** What it means, in one sentence with its unit. */
  readonly about: string;
  /** The command-line flag, without dashes, if it differs from the path in kebab-case. */
  readonly flag?: string;
  /** Whether a value that suits one choice of its section says nothing of another, as a learning rate does. */
  readonly ofChoice?: true;
};

/** Fields grouped under one name. */
export type Group = { readonly is: "group"; readonly title: string; readonly fields: Fields };

/** Fields by name. */
export type Fields = { readonly [name: string]: Field | Group };

/** What a rule says about a configuration that breaks it. */
export type Breach = { readonly expected: string; readonly found: string };

/** A rule about several fields, each of which is valid by itself. */
export type Rule<C = never> = {
  /** The paths of the fields that it reads. A violation is reported at the first one. */
  readonly reads: readonly [string, ...string[]];
  /** What is wrong, if anything is. */
  readonly check: (config: C) => Breach | undefined;
  /** Whether it applies only when images will be read. */
  readonly onlyToRead?: true;
};

/** Defaults that come with a choice, for fields outside it or in place of its own defaults. */
export type Brought = {
  /** They apply only if the configuration has a field at this path: `encoder.patch`, for a vision transformer. */
  readonly where?: string;
  /** The defaults, by section and field. */
  readonly set: { readonly [section: string]: { readonly [field: string]: unknown } };
};

/** One of several things that a section of the configuration can choose by name. */
export type Variant = {
  /** What it is, in one sentence. */
  readonly about: string;
  /** What people call it, given its settings. */
  readonly title: (settings: never) => string;
  readonly fields: Fields;
  readonly rules?: readonly Rule[];
  readonly defaults?: readonly Brought[];
  /**
   * Sentences about what is allowed but rarely intended, given the configuration and, if known, the number of images.
   */
  readonly warnings?: (config: never, images?: number) => readonly string[];
  /** Imports what builds it. */
  readonly load: () => Promise<unknown>;
};

/** Variants by name. */
export type Variants = { readonly [name: string]: Variant };

/** The type of a field's values. */
export type Value<F> = F extends { readonly is: "group"; readonly fields: infer G } ? Values<G>
  : F extends { readonly is: "number" | "integer" } ? number
  : F extends { readonly is: "boolean" } ? boolean
  : F extends { readonly is: "text" | "path" } ? string
  : F extends { readonly is: "choice"; readonly of: readonly (infer A)[] } ? A
  : F extends { readonly is: "range" } ? readonly [number, number]
  : F extends { readonly is: "list" } ? readonly number[]
  : never;

/** The type of the values of some fields: those with a default are always there. */
export type Values<F> = Written<
  & { readonly [N in keyof F as F[N] extends Filled ? N : never]: Value<F[N]> }
  & { readonly [N in keyof F as F[N] extends Filled ? never : N]?: Value<F[N]> }
>;

/** The type of the settings of some variants: a union discriminated by `name`. */
export type Tagged<V> = {
  [N in keyof V]: V[N] extends { readonly fields: infer F } ? Written<{ readonly name: N } & Values<F>> : never;
}[keyof V];

/** The same with every field optional, at every depth. */
export type Partly<T> = T extends readonly unknown[] ? T
  : T extends object ? { readonly [N in keyof T]?: Partly<T[N]> }
  : T;

/** Fields that are always there. */
export type Filled = { readonly default: unknown } | { readonly is: "group" };

/** The same type, written out. */
export type Written<T> = { readonly [N in keyof T]: T[N] };
