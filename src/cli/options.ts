/**
 * The configuration of a command: a preset, a file and flags, each overriding the one before.
 *
 * @module
 */
import { type Command, Option } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import { describeFlag } from "../config/flag_help.ts";
import { type Flag, flags, kebab } from "../config/flags.ts";
import { migrate } from "../config/migrate.ts";
import { merge } from "../config/paths.ts";
import { presets } from "../config/presets.ts";
import { fromOptions } from "../config/read_flags.ts";
import type { Config } from "../config/types.ts";
import { isRecord } from "../files/json.ts";
import type { ConfigSource } from "../run/configure.ts";
import type { Measurable } from "../run/measurable.ts";
import { Failure, orFail } from "./failure.ts";

/** What commander parsed, by option. */
export type Options = Readonly<Record<string, unknown>>;

/**
 * Where the fields that no flag names come from: the defaults, which `--help` then states, or something else, such as
 * the configuration of a run.
 */
type Otherwise = "defaults" | "something else";

/** Gives a command `--preset`, `--config` and a flag for every field of the configuration. */
export function withConfig(command: Command, otherwise: Otherwise = "defaults"): Command {
  return withFlags(
    command
      .optionsGroup("Configuration:")
      .option("--preset <name>", `a named configuration to start from: ${Object.keys(presets).join(", ")}`)
      .option("--config <file>", "a JSON file, which overrides the preset; flags override both"),
    flags,
    otherwise,
  );
}

/**
 * Gives a command the flags of some sections of the configuration, or of single fields. The other fields come from a
 * run, a file or an experiment.
 */
export function withFields(
  command: Command,
  ...chosen: readonly (keyof Config | `${keyof Config}.${string}`)[]
): Command {
  return withFlags(
    command,
    flags.filter(({ path }) => chosen.some((part) => path === part || path.startsWith(`${part}.`))),
    "something else",
  );
}

/** Gives a command the flags of an evaluation: which images, how they are cut, and how features are pooled. */
export function withEvaluationFields(command: Command): Command {
  const cut = ["evaluationSize", "evaluationCrop", "evaluationMirrored", "mean", "std"] as const;
  return withFields(
    command,
    "data",
    ...cut.map((name) => `augment.${name}` as const),
    "encoder.evaluationGrid",
    "encoder.heads",
  );
}

function withFlags(command: Command, chosen: readonly Flag[], otherwise: Otherwise): Command {
  for (const flag of chosen) {
    const described = describeFlag(otherwise === "defaults" ? flag : { ...flag, defaults: [] });
    const aliases = flag.aliases.flatMap((name) => optionsOf(flag, name, described).map((option) => option.hideHelp()));
    for (const option of [...optionsOf(flag, flag.name, described), ...aliases]) command.addOption(option);
  }
  return command;
}

function optionsOf(flag: Flag, name: string, described: string): Option[] {
  const group = `${flag.section}:`;
  if (flag.kind !== "boolean") {
    return [new Option(`--${name} <${placeholder(flag)}>`, described).helpGroup(group)];
  }
  const yes = new Option(`--${name}`, described).helpGroup(group);
  const no = new Option(`--no-${name}`, `without ${described}`).helpGroup(group);
  // Only the one that changes the default is worth a line of help.
  return flag.defaults[0]?.value === true ? [yes.hideHelp(), no] : [yes, no.hideHelp()];
}

/** What stands for a flag's value in `--help`, by its kind. */
const placeholders: Readonly<Partial<Record<Flag["kind"], string>>> = { number: "n", list: "n,n", path: "path" };

function placeholder({ kind, choices }: Flag): string {
  return choices === undefined ? placeholders[kind] ?? "text" : "name";
}

/**
 * The configuration that a command's options stand for.
 *
 * @param options What commander parsed.
 * @param source What the configuration starts from where no preset is named, and what it is wanted for.
 * @throws {Failure} for a preset, a file or fields that cannot be used; every bad field is named at once.
 */
export async function readConfig(options: Options, source: ConfigSource = {}): Promise<Config> {
  const { configure } = await import("../run/configure.ts");
  return await orFail(configure(await readFields(options), { ...source, ...readPreset(options) }));
}

/** The preset that is named, where one is. */
export function readPreset({ preset }: Options): { readonly preset?: string } {
  return typeof preset === "string" ? { preset } : {};
}

/** The fields that file and flags give. What is no record is for the parser to refuse. */
export async function readFields({ config, ...flags }: Options): Promise<unknown> {
  const { readJson } = await import("../run/configure.ts");
  const file = typeof config === "string" ? migrate(await orFail(readJson(resolve(config)))) : {};
  return isRecord(file) ? merge(file, fromOptions(flags)) : file;
}

/**
 * Refuses an option or an argument whose text is empty, which is what a shell makes of a variable that is not set. As a
 * path it would be the current folder.
 */
export function refuseEmptyTexts(command: Command): void {
  const isEmpty = (value: unknown) => [value].flat().includes("");
  const [empty] = [
    ...Object.entries(command.opts()).filter(([, value]) => isEmpty(value)).map(([name]) => `--${kebab(name)}`),
    ...command.registeredArguments.filter((_, place) => isEmpty(command.processedArgs[place]))
      .map((argument) => `<${argument.name()}>`),
  ];
  if (empty !== undefined) throw new Failure(`Cannot use ${empty}: expected a value, found ""`, 2);
}

/**
 * Refuses options without those that a command cannot do without. Commander could, but would then never come to the
 * misspelt option that was meant for one of them.
 */
export function requireOptions(options: Options, ...names: readonly string[]): void {
  const missing = names.filter((name) => options[name] === undefined).map((name) => `--${kebab(name)}`);
  if (missing.length > 0) throw new Failure(`Cannot go on without ${missing.join(" and ")}: see --help`, 2);
}

/** The one of some options that was given, and its text. Refuses options with none of them, or with several. */
export function oneOf<N extends string>(options: Options, ...names: readonly N[]): readonly [name: N, text: string] {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length !== 1) {
    const [expected, found] = [names, given].map((some) => some.map((name) => `--${kebab(name)}`).join(", "));
    throw new Failure(`Cannot go on: expected one of ${expected}, found ${found || "none"}. See --help.`, 2);
  }
  return [given[0], String(options[given[0]])];
}

/** Refuses two options that ask for the same thing in two ways, or of which one makes no sense beside the other. */
export function refuseBoth(options: Options, first: string, second: string): void {
  const given = [first, second].every((name) => options[name] !== undefined && options[name] !== false);
  if (given) throw new Failure(`Cannot use --${kebab(first)} with --${kebab(second)}: give one of them`, 2);
}

/** The encoder that an option names: with `weights` another program's, otherwise that of a run or a checkpoint. */
export function encoderOf(name: string, text: string): Measurable {
  return name === "weights" ? { weights: text } : { run: text };
}

/** Those of some options that were given, as texts. */
export function textsOf<N extends string>(options: Options, ...names: readonly N[]): { readonly [name in N]?: string } {
  const given = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, String(options[name])])) as { [name in N]?: string };
}

/** An option as an entry for a request, read by {@linkcode wholeNumber}, say. No entry where it was not given. */
export function entryOf<N extends string, T>(
  options: Options,
  name: N,
  read: (flag: string, text: unknown) => T,
): { readonly [name in N]?: T } {
  if (options[name] === undefined) return {};
  return { [name]: read(kebab(name), options[name]) } as { [name in N]?: T };
}

/** A number from a flag of a command's own, whose bounds are known to what it is for. */
export function anyNumber(name: string, text: unknown): number {
  const value = Number(text);
  if (typeof text !== "string" || text.trim() === "" || !Number.isFinite(value)) {
    throw new Failure(`Cannot use --${name}: expected a number, found ${JSON.stringify(text)}`, 2);
  }
  return value;
}

/** A whole number from a flag of a command's own. */
export function wholeNumber(name: string, text: unknown, least = 1): number {
  const value = Number(text);
  if (typeof text !== "string" || text.trim() === "" || !Number.isSafeInteger(value) || value < least) {
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
