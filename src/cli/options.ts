/**
 * The configuration of a command: a preset, a file and flags, each overriding the one before.
 *
 * @module
 */
import { type Command, Option } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import type { Condition } from "../config/decode.ts";
import { type Flag, flags, fromFlags, kebab, merge, readFlag } from "../config/flags.ts";
import { presets } from "../config/presets.ts";
import type { Config } from "../config/types.ts";
import { type ConfigSource, configure, readJson } from "../run/configure.ts";
import { Failure, orFail } from "./failure.ts";

/** What commander parsed, by option. */
export type Options = Readonly<Record<string, unknown>>;

/** Gives a command `--preset`, `--config` and a flag for every field of the configuration. */
export function withConfig(command: Command): Command {
  return withFlags(
    command
      .optionsGroup("Configuration:")
      .option("--preset <name>", `a named configuration to start from: ${Object.keys(presets).join(", ")}`)
      .option("--config <file>", "a JSON file, which overrides the preset; flags override both"),
    flags,
  );
}

/** Gives a command the flags of some sections of the configuration, or of single fields. */
export function withFields(
  command: Command,
  ...chosen: readonly (keyof Config | `${keyof Config}.${string}`)[]
): Command {
  return withFlags(
    command,
    flags.filter(({ path }) => chosen.some((part) => path === part || path.startsWith(`${part}.`))),
  );
}

function withFlags(command: Command, chosen: readonly Flag[]): Command {
  for (const flag of chosen) {
    for (const option of [...optionsOf(flag, flag.name), ...aliases(flag)]) command.addOption(option);
  }
  return command;
}

function optionsOf(flag: Flag, name: string): Option[] {
  const group = `${flag.section}:`;
  if (flag.kind !== "boolean") {
    return [new Option(`--${name} <${placeholder(flag)}>`, description(flag)).helpGroup(group)];
  }
  const yes = new Option(`--${name}`, description(flag)).helpGroup(group);
  const no = new Option(`--no-${name}`, `without ${flag.about}`).helpGroup(group);
  // Only the one that changes the default is worth a line of help.
  return flag.fallback === true ? [yes.hideHelp(), no] : [yes, no.hideHelp()];
}

/** Every flag may also be written as its field's path. */
function aliases(flag: Flag): Option[] {
  const long = kebab(flag.path);
  return long === flag.name ? [] : optionsOf(flag, long).map((option) => option.hideHelp());
}

function placeholder({ kind, choices }: Flag): string {
  if (choices !== undefined) return "name";
  return kind === "number" ? "n" : kind === "list" ? "n,n" : "text";
}

function description({ about, choices, fallback, fallbacks, readWhere, kind }: Flag): string {
  const defaults = [String(fallback), ...fallbacks.map((other) => `${other.fallback} with ${inWords(other.where)}`)];
  const notes = [
    ...(choices !== undefined && choices.length > 1 ? [choices.join(" | ")] : []),
    ...(readWhere === undefined ? [] : [`with ${inWords(readWhere)}`]),
    ...(fallback === undefined || (kind === "boolean" && fallbacks.length === 0)
      ? []
      : [`default ${defaults.join(", ")}`]),
  ];
  return notes.length === 0 ? about : `${about} (${notes.join("; ")})`;
}

/** The names of a condition, a family of which all are there by its common beginning: `resnet*`. */
function inWords(where: Condition): string {
  return Object.entries(where).map(([path, names]) => {
    const { choices = [] } = flags.find((flag) => flag.path === path)!;
    const family = /^[a-z]+/.exec(names[0])![0];
    const whole = names.length > 1 &&
      choices.every((choice) => names.includes(choice) === choice.startsWith(family));
    return whole ? `${family}*` : names.join(" or ");
  }).join(" and ");
}

/**
 * The configuration that a command's options stand for.
 *
 * @param options What commander parsed.
 * @param source What the configuration starts from where no preset is named, and what it is wanted for.
 * @throws {Failure} for a preset, a file or fields that cannot be used; every bad field is named at once.
 */
export async function readConfig(options: Options, source: ConfigSource = {}): Promise<Config> {
  return await orFail(configure(await readFields(options), { ...source, ...readPreset(options) }));
}

/** The preset that is named, where one is. */
export function readPreset({ preset }: Options): { readonly preset?: string } {
  return typeof preset === "string" ? { preset } : {};
}

/** The fields that file and flags give. What is no record is for the parser to refuse. */
export async function readFields({ config, ...flags }: Options): Promise<unknown> {
  const file = typeof config === "string" ? await orFail(readJson(resolve(config))) : {};
  return isRecord(file) ? merge(file, readFlags(flags)) : file;
}

/** The flags that were given, as a partial configuration. */
export function readFlags(options: Options): Options {
  const given = flags.flatMap(({ name, path, kind }) =>
    [kebab(path), name].flatMap((flag) => {
      const value = options[camel(flag)];
      return value === undefined ? [] : [[path, typeof value === "string" ? readFlag(kind, value) : value]];
    })
  );
  return fromFlags(Object.fromEntries(given));
}

function camel(name: string): string {
  return name.replaceAll(/-[a-z]/g, (pair) => pair[1].toUpperCase());
}

function isRecord(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Refuses options without those that a command cannot do without. Commander could, but would then never come to the
 * misspelt option that was meant for one of them.
 */
export function requireOptions(options: Options, ...names: readonly string[]): void {
  const missing = names.filter((name) => options[name] === undefined).map((name) => `--${kebab(name)}`);
  if (missing.length > 0) throw new Failure(`Cannot go on without ${missing.join(" and ")}: see --help`, 2);
}

/** A whole number from a flag of a command's own. */
export function wholeNumber(name: string, text: unknown, least = 1): number {
  const value = Number(text);
  if (typeof text !== "string" || !Number.isSafeInteger(value) || value < least) {
    throw new Failure(
      `Cannot use --${name}: expected a whole number of at least ${least}, found ${JSON.stringify(text)}`,
      2,
    );
  }
  return value;
}

/** A number above 0 from a flag of a command's own. */
export function positiveNumber(name: string, text: unknown): number {
  const value = Number(text);
  if (typeof text !== "string" || text.trim() === "" || !(value > 0 && Number.isFinite(value))) {
    throw new Failure(`Cannot use --${name}: expected a number above 0, found ${JSON.stringify(text)}`, 2);
  }
  return value;
}
