/**
 * The configuration that a request stands for.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { present } from "../core/present.ts";
import { parseConfig } from "../config/config.ts";
import { describe } from "../config/errors.ts";
import { absolutePaths } from "../config/absolute_paths.ts";
import { overridden } from "../config/overridden.ts";
import { migrate } from "../config/migrate.ts";
import { valueAt } from "../config/paths.ts";
import { presets } from "../config/presets.ts";
import type { Part } from "../config/sections.ts";
import { mostCharacters, sizeFault } from "../config/size.ts";
import { nearest } from "../config/suggest.ts";
import type { Config, ParseOptions, PartialConfig } from "../config/types.ts";
import { reasonOf } from "../core/reason.ts";
import { isRecord, parseJson, repeatedName } from "../files/json.ts";
import { runPaths } from "../train/run_folder.ts";
import type { BadConfig, ConfigureError, UnknownPreset, UnreadableConfig } from "./configure_errors.ts";
import { openCheckpoint } from "./open.ts";

/** What a configuration starts from, and what it is needed for. */
export type ConfigSource = ParseOptions & {
  /** The name of the preset that it starts from. */
  readonly preset?: string;
  /** The folder of a run: its configuration is the start, unless a preset is named. */
  readonly run?: string;
};

/**
 * Lays some fields over a preset, over the configuration of a run, or over the defaults.
 *
 * The fields override what they start from. A training that begins with the encoder of a checkpoint (`training.init`)
 * has that encoder and its normalisation in place of the preset's. If fields make another choice (of an encoder, say),
 * what only the old choice has is dropped. Relative paths are resolved against the current folder.
 *
 * @param fields The fields: a partial configuration, or anything else for the parser to refuse.
 * @param source What the configuration starts from, and what it is wanted for.
 * @returns Right the configuration; left every fault at once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configure } from "@momentum-contrast/moco";
 *
 * const configured = await configure({ data: { path: "my-photos" } }, { preset: "photos" })();
 * assertEquals(configured._tag === "Right" && configured.right.data.path, `${Deno.cwd()}/my-photos`);
 * ```
 */
export function configure(fields: unknown, source: ConfigSource = {}): TaskEither<ConfigureError, Config> {
  return pipe(
    startOf(source),
    TaskEither.flatMapTask((start) => async () => withEncoderOf(await givingEncoder(start, fields, source), start)),
    TaskEither.flatMapEither((start) => configureOver(start, fields, source)),
  );
}

/**
 * The configuration whose encoder a training begins with: that of the checkpoint that is named (`training.init`), or
 * where it resumes under a preset, its own if it began so. A checkpoint that cannot be read is named by the training.
 */
async function givingEncoder(start: Part, fields: unknown, { preset, run }: ConfigSource): Promise<unknown> {
  const path = ["training", "init"];
  if (run === undefined) {
    const init = valueAt(fields, path) ?? valueAt(start, path);
    const opened = typeof init === "string" ? await openCheckpoint(resolve(init), () => {})() : undefined;
    return opened?._tag === "Right" ? opened.right.config : undefined;
  }
  const own = preset === undefined ? undefined : await fieldsOfRun(run)();
  return own?._tag === "Right" && valueAt(own.right, path) !== undefined ? own.right : undefined;
}

/**
 * What fields are laid over, with the encoder of another configuration and the images that it takes: their
 * normalisation, and the size of those whose places a vision transformer knows. How features are pooled for an
 * evaluation stays.
 */
function withEncoderOf(config: unknown, start: Part): Part {
  const given = isRecord(config) ? migrate(config) : undefined;
  if (!isRecord(given) || !isRecord(given.encoder)) return start;
  const { evaluationGrid: _, ...encoder } = given.encoder;
  const { mean, std, size } = isRecord(given.augment) ? given.augment : {};
  const isTransformer = "patch" in encoder;
  const before = isRecord(start.augment) ? start.augment : {};
  const { mean: _mean, std: _std, ...others } = before;
  const { size: _size, evaluationSize: _evaluationSize, ...anySize } = others;
  const pooled = isRecord(start.encoder) && !isTransformer ? pick(start.encoder, "evaluationGrid") : {};
  return {
    ...start,
    encoder: { ...encoder, ...pooled },
    augment: { ...isTransformer ? anySize : others, ...present({ mean, std, ...isTransformer ? { size } : {} }) },
  };
}

function pick(part: Part, name: string): Part {
  return name in part ? { [name]: part[name] } : {};
}

/** The configuration of some fields laid over others. */
export function configureOver(
  start: Part,
  fields: unknown,
  options: ParseOptions = {},
): Either<BadConfig, Config> {
  const tooLarge = sizeFault(fields);
  if (tooLarge.length > 0) return Either.left({ _tag: "BadConfig", faults: tooLarge });
  const whole = isRecord(fields) ? overridden(start, fields) : fields;
  return pipe(
    parseConfig(whole, options),
    Either.bimap((faults): BadConfig => ({ _tag: "BadConfig", faults }), absolutePaths),
  );
}

/**
 * The configuration of a checkpoint, with some fields laid over it. Where every fault is one of the fields that are
 * given, the request is at fault, and the checkpoint is not named.
 *
 * @param checkpoint The checkpoint; what is stored in it may be anything.
 * @param fields The fields of the request.
 * @param options What the configuration is wanted for.
 */
export function configureStored(
  { path, config }: Pick<Checkpoint, "path" | "config">,
  fields: PartialConfig,
  options: ParseOptions = {},
): Either<BadConfig, Config> {
  return pipe(
    configureOver(isRecord(config) ? config : {}, fields, options),
    Either.mapLeft((bad): BadConfig => {
      const isAsked = bad.faults.every((fault) => valueAt(fields, fault.path.split(".")) !== undefined);
      return isAsked ? bad : { ...bad, path };
    }),
  );
}

/** The fields of a named preset. */
export function presetFields(name: string): Either<UnknownPreset, Part> {
  if (Object.hasOwn(presets, name)) return Either.right(presets[name].config);
  const expected = Object.keys(presets);
  const suggestion = nearest(name, expected);
  return Either.left({ _tag: "UnknownPreset", name, expected, ...suggestion === undefined ? {} : { suggestion } });
}

/** The value of a JSON file. */
export function readJson(path: string): TaskEither<UnreadableConfig, unknown> {
  const unreadable = (reason: string): UnreadableConfig => ({ _tag: "UnreadableConfig", path, reason });
  return pipe(
    TaskEither.tryCatch(
      async () => (await Deno.stat(path)).size,
      (thrown) => unreadable(thrown instanceof Deno.errors.NotFound ? "there is no such file" : reasonOf(thrown)),
    ),
    TaskEither.filterOrElse(
      (size) => size <= mostCharacters,
      (size) => unreadable(`expected a configuration of at most ${mostCharacters} bytes, found ${size}`),
    ),
    TaskEither.flatMap(() =>
      TaskEither.tryCatch(() => Deno.readTextFile(path), (thrown) => unreadable(reasonOf(thrown)))
    ),
    TaskEither.flatMapEither((text) =>
      pipe(
        parseJson(text.replace(/^\ufeff/, "")), // some editors write a byte order mark
        Either.mapLeft((reason) => unreadable(`expected JSON, found ${reason}`)),
        Either.filterOrElse(
          () => repeatedName(text) === undefined,
          () => unreadable(`expected each name once, found ${JSON.stringify(repeatedName(text))} twice`),
        ),
      )
    ),
  );
}

function startOf({ preset, run }: ConfigSource): TaskEither<ConfigureError, Part> {
  if (preset !== undefined) return TaskEither.fromEither(presetFields(preset));
  return run === undefined ? TaskEither.right({}) : fieldsOfRun(run);
}

/** The configuration that a run left in its folder, if any. If there is none, the training says what is missing. */
function fieldsOfRun(folder: string): TaskEither<UnreadableConfig, Part> {
  const { config } = runPaths(folder);
  return pipe(
    TaskEither.fromTask(() => Deno.stat(config).then(() => true, () => false)),
    TaskEither.flatMap((there) => there ? readJson(config) : TaskEither.right({})),
    TaskEither.filterOrElse(
      isRecord,
      (value): UnreadableConfig => ({
        ...{ _tag: "UnreadableConfig", path: config, reason: `expected a record, found ${describe(value)}` },
      }),
    ),
  );
}
