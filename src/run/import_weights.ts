import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { type Checkpoint, saveCheckpoint, saysItIsACheckpoint } from "../checkpoint/checkpoint.ts";
import type { DifferentState } from "../checkpoint/errors.ts";
import { tensorsOf } from "../checkpoint/state.ts";
import { buildMethod, viewShape } from "../config/build.ts";
import { merge } from "../config/paths.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { dispose } from "../core/scope.ts";
import type { StoredTensor, TensorFile } from "../files/safetensors.ts";
import type { LazyTensor } from "../files/tensor_file.ts";
import { type Beside, readBeside } from "../interchange/beside.ts";
import { describe, type Misfit } from "../interchange/describe.ts";
import type { OwnCheckpoint, UnknownEncoder, UnknownLayout } from "../interchange/errors.ts";
import { intoState, type State } from "../interchange/into_state.ts";
import { fromLayout } from "../interchange/layouts/convert.ts";
import { oldestFirst, POINTER } from "../interchange/layouts/queue.ts";
import { recognise, type Recognised } from "../interchange/layouts/recognise.ts";
import { strangers } from "../interchange/layouts/strangers.ts";
import { type LayoutName, layouts } from "../interchange/layouts/table.ts";
import { readWeights } from "../interchange/read_weights.ts";
import { start } from "../train/position.ts";
import { freshState } from "../train/fresh_state.ts";
import { toJson } from "../train/beginning.ts";
import { configureOver } from "./configure.ts";
import type { BadConfig } from "./configure_errors.ts";
import type { RunError } from "./errors.ts";

/** What {@linkcode importWeights} is asked for: a file, and the settings that its tensors do not reveal. */
export type ImportRequest = PartialConfig & {
  /** A file of `torch.save` (`.pth`, `.pth.tar`, `.pt`, `.bin`), or safetensors. */
  readonly file: string;
  /** The checkpoint to write, which must not exist yet. */
  readonly to: string;
};

/** Another program's weights as a state of this library. */
export type ImportedWeights = {
  /** A state before its first step, with the file's tensors in their places. Its path is the file's. */
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  /** Whose layout the file has: torchvision's, say. */
  readonly layout: string;
  /** The prefix of each of the file's names. */
  readonly beginning: string;
  /** How many of the state's tensors come from the file, by the part of the state that they are in. */
  readonly taken: Readonly<Record<string, number>>;
  /**
   * The parts of the state that the file lacks: they start afresh, but a key encoder starts as a copy of the query's.
   */
  readonly fresh: readonly string[];
  /** Tensors of the file that have no place here, such as a classifier's. */
  readonly leftOver: readonly string[];
  /** What neither the file nor the request says, and what was taken in its place, in sentences. */
  readonly assumed: readonly string[];
};

/**
 * Imports an encoder from another program, with the queue, the projector and the predictor if the file has them. It is
 * written as a checkpoint, from which a training can start and which can be evaluated.
 *
 * The encoder's sizes are read from its tensors. Attention heads and normalisation are read from a `config.json` and a
 * `preprocessor_config.json` beside the file, if timm or Hugging Face wrote them. Nothing is written unless everything
 * fits.
 *
 * @param request The file, the checkpoint, and fields of the configuration.
 * @returns Right what was taken and what was left; left why nothing was, which {@linkcode renderRunError} puts in
 *   words.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { importWeights, renderRunError } from "@momentum-contrast/moco";
 *
 * const imported = await importWeights({ file: "/no/resnet50.pth", to: "/no/encoder.safetensors" })();
 * if (imported._tag === "Left") assertStringIncludes(renderRunError(imported.left), "Cannot read /no/resnet50.pth");
 * ```
 */
export function importWeights({ file, to, ...fields }: ImportRequest): TaskEither<RunError, ImportedWeights> {
  const path = resolve(to);
  return pipe(
    nothingAt(path),
    TaskEither.flatMap(() => readForeign(resolve(file), fields)),
    TaskEither.flatMap((imported) => {
      const { tensors, ...about } = imported.checkpoint;
      const stored = tensors.map(({ data, ...info }): LazyTensor => ({ ...info, read: () => data }));
      return pipe(saveCheckpoint(path, stored, about), TaskEither.map(() => imported));
    }),
  );
}

/** Left where something is at a path already: an import never takes the place of a checkpoint. */
function nothingAt(path: string): TaskEither<RunError, void> {
  return pipe(
    TaskEither.fromTask(() => Deno.lstat(path).then(() => true, () => false)),
    TaskEither.flatMapEither((there): Either<RunError, void> =>
      there
        ? Either.left({ _tag: "UnwritableFile", path, reason: "expected no such file, found one" })
        : Either.right(undefined)
    ),
  );
}

/** The weights of another program's file as a state in memory. */
export function readForeign(path: string, fields: PartialConfig): TaskEither<RunError, ImportedWeights> {
  return pipe(
    readWeights(path),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.flatMapEither((file) => understood(path, file)),
    TaskEither.map((known) => ({ known })),
    TaskEither.bindW(
      "beside",
      ({ known: { recognised: { layout } } }) => TaskEither.fromTask(() => readBeside(path, layout.family)),
    ),
    TaskEither.flatMapEither(({ known, beside }) => stateOf(known, beside, fields)),
  );
}

/** A file whose layout is known. */
type Understood = {
  readonly path: string;
  readonly file: TensorFile;
  readonly recognised: Recognised;
  /** The file's tensors, with our names and axes. */
  readonly tensors: readonly StoredTensor[];
};

/** How many of a file's names are listed if none of them is known. */
const TOLD = 3;

function understood(path: string, file: TensorFile): Either<UnknownLayout | OwnCheckpoint, Understood> {
  if (saysItIsACheckpoint(file)) return Either.left({ _tag: "OwnCheckpoint", path });
  const names = file.tensors.map(({ name }) => name);
  const recognised = recognise(names);
  if (recognised === undefined) {
    const expected = [...new Set(layouts.map(({ name }) => name))];
    return Either.left({ _tag: "UnknownLayout", path, expected, found: names.slice(0, TOLD) });
  }
  const pointer = file.tensors.find(({ name }) => name === `${recognised.beginning}${POINTER}`);
  const tensors = fromLayout(recognised, file.tensors)
    .map((tensor) => tensor.name === "queue.keys" ? oldestFirst(tensor, pointer) : tensor);
  return Either.right({ path, file, recognised, tensors });
}

function stateOf(
  known: Understood,
  beside: Beside,
  fields: PartialConfig,
): Either<BadConfig | DifferentState | UnknownEncoder, ImportedWeights> {
  const { path, file, recognised, tensors } = known;
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const [stranger, ...others] = strangers(recognised, file.tensors);
  if (stranger !== undefined) {
    const expected = `blocks of a plain ${recognised.layout.family === "vit" ? "vision transformer" : "ResNet"}`;
    const found = `${stranger}${others.length > 0 ? ` and ${others.length} more` : ""} beside them`;
    return Either.left({ _tag: "UnknownEncoder", path, expected, found });
  }
  return pipe(
    describe(recognised.layout.name, recognised.layout.family, shapes),
    Either.mapLeft((misfit: Misfit): UnknownEncoder => ({ _tag: "UnknownEncoder", path, ...misfit })),
    Either.map((described) => ({ described })),
    Either.bindW("config", ({ described }) => configureOver(merge(described, beside), fields, { data: false })),
    Either.bindW("state", ({ config }) =>
      pipe(
        intoState(templateOf(config, shapes), tensors, recognised),
        Either.mapLeft((differences): DifferentState => ({ _tag: "DifferentState", path, differences })),
      )),
    Either.map(({ config, state }): ImportedWeights => ({
      checkpoint: { path, tensors: state.tensors, config: toJson(config), position: start, metrics: {} },
      config,
      layout: recognised.layout.name,
      beginning: recognised.beginning,
      taken: state.taken,
      fresh: state.fresh,
      leftOver: leftOver(file, recognised),
      assumed: assumptions(recognised.layout.name, merge(beside, fields), config),
    })),
  );
}

/** A fresh state of a configuration, as stored tensors. */
function templateOf(config: Config, shapes: ReadonlyMap<string, readonly number[]>): State {
  const channels = ["conv1.weight", "patch_embed.proj.weight", "patch_embed.proj.0.weight"]
    .map((name) => shapes.get(`query.backbone.${name}`)?.[2])
    .find((found) => found !== undefined) ?? 3;
  const stepsPerEpoch = 1; // nothing is trained
  const state = freshState(buildMethod(config, viewShape(config, channels), stepsPerEpoch), config.training.seed);
  try {
    return tensorsOf(state).map(({ read, ...info }) => ({ ...info, data: read() }));
  } finally {
    dispose(state);
  }
}

/** What is taken where nobody says, if other files of the same layout have something else. */
function assumptions(layout: LayoutName, said: PartialConfig, { augment, encoder }: Config): readonly string[] {
  if (layout === "detectron2") {
    return [
      "The file does not say how the network strides and what images it takes. Taken: a stride in the 3x3 " +
      "convolution and images in RGB over ImageNet's deviation, as in MoCo's and torchvision's conversions. The " +
      "detectors of Detectron2's model zoo have the stride in the 1x1 convolution and images in BGR, so that their " +
      "features would be wrong here.",
    ];
  }
  const saysHeads = said.encoder !== undefined && "heads" in said.encoder;
  const heads = "heads" in encoder && !saysHeads && layout !== "moco-v3"
    ? [`The file does not say how many attention heads there are. Taken: ${encoder.heads}, as published (--heads).`]
    : [];
  if (said.augment?.mean !== undefined || augment.mean === undefined) return heads;
  return [
    ...heads,
    `The file does not say how images are normalised. Taken: mean ${augment.mean} and deviation ${augment.std}, as ` +
    "timm's own vision transformers have it. Those of DINO, MAE and DeiT have ImageNet's: " +
    "--augment-mean 0.485,0.456,0.406 --augment-std 0.229,0.224,0.225.",
  ];
}

/** The tensors that were not used. Counts that only PyTorch needs are not worth mentioning. */
function leftOver({ tensors }: TensorFile, { leftOver, places }: Recognised): readonly string[] {
  const unused = tensors.filter(({ name, dtype }) => places.has(name) && dtype.startsWith("I")).map(({ name }) => name);
  return [...leftOver, ...unused].filter((name) => !/(num_batches_tracked|queue_ptr)$/.test(name));
}
