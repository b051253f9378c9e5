import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { perChannel } from "../augment/normalize.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { renamed } from "../checkpoint/renamed.ts";
import { methodAndEncoder } from "../config/names.ts";
import type { Config } from "../config/types.ts";
import { writeFolder } from "../files/folder.ts";
import { isRecord } from "../files/json.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { CannotExport, UnknownFormat } from "../interchange/errors.ts";
import { formats } from "../interchange/formats/formats.ts";
import { featuresOf, textFile } from "../interchange/formats/shapes.ts";
import type { LeavingEncoder } from "../interchange/formats/types.ts";
import { plainName } from "../interchange/into_state.ts";
import { modelCard } from "../interchange/model_card.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { configureOver } from "./configure.ts";
import type { BadConfig, RunError } from "./errors.ts";
import { sourceOf } from "./images.ts";
import { openCheckpoint } from "./open.ts";

/** What {@linkcode exportWeights} is asked for. */
export type ExportRequest = {
  /** A run's folder, which stands for its newest whole checkpoint, or a checkpoint file. */
  readonly run: string;
  /** The name of a format: torchvision, timm, huggingface, detectron2, onnx, transformers.js. */
  readonly format: string;
  /** The folder to write, which must not exist yet. */
  readonly out: string;
  /**
   * Whether an ONNX model takes images as they are stored, and cuts, resizes and normalises them itself. Default false.
   */
  readonly preprocessing?: boolean;
  /** The command that the model card shows. Default: none. */
  readonly command?: string;
  /** Receives messages about checkpoints that are passed over. Default: none. */
  readonly reporter?: Reporter;
};

/** What was written. */
export type Exported = {
  /** The folder, absolute. */
  readonly folder: string;
  /** The files in it. */
  readonly files: readonly string[];
  /** How the encoder is loaded, as lines of the program that loads it. */
  readonly usage: string;
};

/**
 * Writes the encoder of a run in another program's format, with a model card beside it. The folder is complete or
 * absent.
 *
 * @param request The run, the format and the folder.
 * @returns Right what was written; left why nothing was, which {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { exportWeights, renderRunError } from "@momentum-contrast/moco";
 *
 * const exported = await exportWeights({ run: "/no/run", format: "timm", out: "/no/folder" })();
 * if (exported._tag === "Left") assertStringIncludes(renderRunError(exported.left), "Cannot read /no/run");
 * ```
 */
export function exportWeights(request: ExportRequest): TaskEither<RunError, Exported> {
  const { run, format, command, preprocessing = false, reporter: { note } = silent } = request;
  const folder = resolve(request.out);
  if (!Object.hasOwn(formats, format)) {
    return TaskEither.left<RunError>({ _tag: "UnknownFormat", name: format, expected: Object.keys(formats) });
  }
  return pipe(
    openCheckpoint(resolve(run), note),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.flatMapEither((checkpoint) =>
      pipe(
        configOf(checkpoint),
        Either.flatMap((config) => filesOf({ checkpoint, config, format, command, preprocessing })),
      )
    ),
    TaskEither.flatMap(({ files, usage }) =>
      pipe(
        writeFolder(folder, files),
        TaskEither.map((): Exported => ({
          folder,
          files: files.map(({ path }) => path),
          usage: usage.replaceAll("DIR", folder).replaceAll("NAME", basename(folder)),
        })),
      )
    ),
  );
}

type Leaving = {
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  readonly format: string;
  readonly command: string | undefined;
  readonly preprocessing: boolean;
};

function filesOf(
  { checkpoint, config, format, command, preprocessing }: Leaving,
): Either<CannotExport | UnknownFormat, {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly usage: string;
}> {
  const encoder = encoderOf(checkpoint, config);
  return pipe(
    formats[format].format(encoder, { preprocessing }),
    Either.bimap(
      (why): CannotExport => ({ _tag: "CannotExport", path: checkpoint.path, format, ...why }),
      (made) => {
        const { size, channels, mean, std, crop } = encoder.images;
        const card = modelCard({
          ...{ title: methodAndEncoder(config), format, data: sourceOf(config), config: checkpoint.config },
          ...{ epochs: checkpoint.position.epoch, steps: checkpoint.position.step, metrics: checkpoint.metrics },
          features: featuresOf(encoder.settings),
          images: `${channels === 1 ? "grey images" : "images in RGB"} of ${size} pixels, of which it sees ` +
            `${100 * crop} % of each side, less the mean ${mean.map(short)} over the deviation ${std.map(short)}`,
          digest: digestOf(encoder.tensors),
          ...command === undefined ? {} : { command },
        }, made);
        return { files: [...made.files, textFile("README.md", card)], usage: made.usage };
      },
    ),
  );
}

/** The backbone of a checkpoint's query encoder, and the images that it takes. */
function encoderOf({ tensors }: Checkpoint, config: Config): LeavingEncoder {
  const backbone = tensors
    .map((tensor): StoredTensor => ({ ...tensor, name: plainName(renamed(tensor.name)) }))
    .filter(({ name }) => name.startsWith("query.backbone."));
  const first = ["conv1.weight", "patch_embed.proj.weight", "patch_embed.proj.0.weight"];
  const channels = backbone.find(({ name }) => first.some((end) => name === `query.backbone.${end}`))?.shape[2] ?? 3;
  const { size, evaluationSize = size, evaluationCrop: crop = 1, mean, std } = config.augment;
  const numbers = { mean: perChannel("mean", channels, mean), std: perChannel("std", channels, std) };
  return { settings: config.encoder, images: { size: evaluationSize, channels, crop, ...numbers }, tensors: backbone };
}

function configOf({ path, config }: Checkpoint): Either<BadConfig, Config> {
  const stored = isRecord(config) ? config : {};
  return pipe(
    configureOver(stored, {}, { data: false }),
    Either.mapLeft((fault): BadConfig => ({ ...fault, path })),
  );
}

function digestOf(tensors: readonly StoredTensor[]): string {
  const hash = createHash("sha256");
  for (const { name, shape, data } of tensors) hash.update(`${name} [${shape}]\n`).update(data);
  return hash.digest("hex");
}

function short(value: number): number {
  return Number(value.toPrecision(5));
}
