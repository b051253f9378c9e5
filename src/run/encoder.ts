import { createHash } from "node:crypto";
import { basename, dirname, resolve } from "node:path";
import { perChannel } from "../augment/normalize.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { restore, tensorsOf } from "../checkpoint/state.ts";
import { buildFeatures, buildFocus, buildMethod, viewShape } from "../config/build.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { dispose, scope } from "../core/scope.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import type { Json } from "../files/json.ts";
import type { MethodState } from "../methods/types.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import { nonFiniteLeaf } from "../train/finite.ts";
import { toJson } from "../train/beginning.ts";
import { freshState } from "../train/fresh_state.ts";
import { configureStored } from "./configure.ts";
import type { RunError } from "./errors.ts";
import { unitFeaturesOf } from "./features.ts";
import type { Note } from "./images.ts";
import { checkpointOf, type Measurable } from "./measurable.ts";
import { bankRows, imageChannels } from "./open.ts";
import { onImagesOf } from "./other_images.ts";

/** A trained encoder that is ready to embed images. */
export type OpenedEncoder = {
  /** The configuration that it was trained with, with what the request changes. */
  readonly config: Config;
  /** What a collection says of it. */
  readonly about: CollectionEncoder;
  /** From images uint8 [N, height, width, channels] to unit vectors float32 [N, D]. */
  readonly embed: (images: Tensor) => Tensor;
  /** Where it looks in images uint8 [N, height, width, channels]; absent where it does not say. */
  readonly focus?: { readonly kind: "attention" | "share"; readonly maps: (images: Tensor) => Tensor };
  /** Frees the encoder. */
  readonly close: () => void;
};

/**
 * Opens a trained encoder, whose vectors are the backbone's features, scaled to length 1.
 *
 * @param from A run, a checkpoint, or another program's weights.
 * @param fields Changes to the configuration that it was trained with. Default: none.
 * @param note Receives messages about checkpoints that are passed over. Default: none.
 * @returns Right the encoder, which the caller closes; left why it cannot be opened, which {@linkcode renderRunError}
 *   puts in words.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { openEncoder, renderRunError } from "@momentum-contrast/moco";
 *
 * const opened = await openEncoder({ run: "no/such/run" })();
 * if (opened._tag === "Left") assertStringIncludes(renderRunError(opened.left), "no such file or folder");
 * // Otherwise opened.right.embed maps images uint8 [N, height, width, channels] to unit vectors float32 [N, D].
 * ```
 */
export function openEncoder(
  from: Measurable,
  fields: PartialConfig = {},
  note: Note = () => {},
): TaskEither<RunError, OpenedEncoder> {
  return pipe(
    checkpointOf(from, fields, note),
    TaskEither.flatMapEither((checkpoint) =>
      pipe(
        configureStored(onImagesOf(checkpoint, fields), fields),
        Either.mapLeft((error): RunError => error),
        Either.flatMap((config) => opened(checkpoint, config, nameOf(from))),
      )
    ),
  );
}

function opened(checkpoint: Checkpoint, config: Config, name: string): Either<RunError, OpenedEncoder> {
  const { path, tensors, position } = checkpoint;
  const channels = imageChannels(tensors);
  const stepsPerEpoch = 1; // nothing is trained
  const method = buildMethod(config, viewShape(config, channels), stepsPerEpoch, bankRows(tensors) ?? 1);
  const template = freshState(method, config.training.seed);
  const restored = restore(template, checkpoint);
  dispose(template);
  if (Either.isLeft(restored)) return restored;
  const state = restored.right;
  const tensor = nonFiniteLeaf(state);
  if (tensor !== undefined) {
    dispose(state);
    return Either.left({ _tag: "NonFiniteWeights", path, tensor });
  }
  const { size, evaluationSize = size, mean, std } = config.augment;
  const seen = {
    ...{ size: evaluationSize, channels },
    ...{ mean: perChannel("mean", channels, mean), std: perChannel("std", channels, std) },
  };
  const vectors = unitFeaturesOf(config);
  const focus = buildFocus(config);
  const about = {
    ...{ name, digest: digestOf(state, config, seen), dim: dimensionOf(state, config, seen), ...seen },
    madeBy: madeBy(path, position, config),
  };
  return Either.right({
    config,
    about,
    embed: (images) => scope(() => vectors(state, images)),
    ...focus === undefined ? {} : { focus: { kind: focus.kind, maps: (images) => focus.maps(state, images) } },
    close: () => dispose(state),
  });
}

/** The numbers of a vector, by that of a black image. */
function dimensionOf(
  state: MethodState,
  config: Config,
  { size, channels }: { readonly size: number; readonly channels: number },
): number {
  return scope(() => buildFeatures(config)(state, tf.zeros([1, size, size, channels])).shape[1]!);
}

/** The endings of files of weights. A folder may have another one, as `runs/lr-0.1` has. */
const ENDING = /\.(safetensors|pth|pth\.tar|pt|bin)$/;

/**
 * What a collection calls the vectors where the user does not say: the run's folder, or the file without its ending.
 */
function nameOf(from: Measurable): string {
  const path = resolve("run" in from ? from.run : from.weights);
  const name = basename(path).replace(ENDING, "");
  return basename(dirname(path)) === "checkpoints" ? `${basename(dirname(dirname(path)))}-${name}` : name;
}

/** The digest of whatever a vector depends on: the backbone's values, and how images are prepared for it. */
function digestOf(state: MethodState, { augment, encoder }: Config, seen: Json): string {
  const hash = createHash("sha256");
  const views = [
    ...augment.evaluationMirrored ? ["mirrored"] : [],
    ...augment.evaluationCrop === undefined ? [] : ["cut once"],
  ];
  hash.update(JSON.stringify([encoder, augment.evaluationCrop ?? 1, seen, ...views]));
  for (const { name, shape, read } of tensorsOf(state)) {
    if (!/^query\.(params|buffers)\.backbone\./.test(name)) continue;
    hash.update(JSON.stringify([name, shape])).update(read());
  }
  return hash.digest("hex");
}

function madeBy(checkpoint: string, { step }: Checkpoint["position"], config: Config): Json {
  const { method, encoder, augment } = config;
  return toJson({ checkpoint, step, method, encoder, augment });
}
