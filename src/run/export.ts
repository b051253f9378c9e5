import { createHash } from "node:crypto";
import { basename, isAbsolute, resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { percent } from "../core/percent.ts";
import { perChannel } from "../augment/normalize.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { renamed } from "../checkpoint/renamed.ts";
import { methodAndEncoder } from "../config/names.ts";
import { learnsFromLabels } from "../config/build.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { writeFolder } from "../files/folder.ts";
import type { Json } from "../files/json.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { CannotExport, UnknownFormat } from "../interchange/errors.ts";
import { formats } from "../interchange/formats/formats.ts";
import { featuresOf, textFile } from "../interchange/formats/shapes.ts";
import type { LeavingClassifier, LeavingEncoder, NotExpressible } from "../interchange/formats/types.ts";
import { plainName } from "../interchange/into_state.ts";
import { modelCard } from "../interchange/model_card.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { shareSeen } from "./central_square.ts";
import { configureStored } from "./configure.ts";
import type { BadConfig } from "./configure_errors.ts";
import type { RunError } from "./errors.ts";
import { sourceOf } from "./images.ts";
import { type KeptEvaluation, readEvaluation } from "./kept_evaluation.ts";
import { imageChannels, openCheckpoint } from "./open.ts";

/** What {@linkcode exportWeights} is asked for. */
export type ExportRequest = Pick<PartialConfig, "encoder"> & {
  /** A run's folder, which stands for its newest whole checkpoint, or a checkpoint file. */
  readonly run: string;
  /** The name of a format: torchvision, timm, huggingface, detectron2, onnx, transformers.js, tfjs. */
  readonly format: string;
  /** The folder to write, which must not exist yet. */
  readonly out: string;
  /**
   * Whether an ONNX model takes images as they are stored, and cuts, resizes and normalises them itself. Default false.
   */
  readonly preprocessing?: boolean;
  /** Whether the linear layer that the last evaluation of the run kept leaves with the encoder. Default false. */
  readonly linear?: boolean;
  /** The command that the model card shows. Default: none. */
  readonly command?: string;
  /** Receives messages about checkpoints that are passed over. Default: none. */
  readonly reporter?: Reporter;
};

/** What {@linkcode exportWeights} wrote. */
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
 * absent. A run that learned from labels leaves as a classifier, and so does one with the linear layer of its
 * evaluation.
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
  const { run, format, command, encoder, preprocessing = false, linear = false, reporter: { note } = silent } = request;
  const folder = resolve(request.out);
  if (!Object.hasOwn(formats, format)) {
    return TaskEither.left<RunError>({ _tag: "UnknownFormat", name: format, expected: Object.keys(formats) });
  }
  const refused = contradictionIn(request);
  if (refused !== undefined) {
    return TaskEither.left<RunError>({ _tag: "CannotExport", path: resolve(run), format, ...refused });
  }
  return pipe(
    openCheckpoint(resolve(run), note),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.map((checkpoint) => ({ checkpoint })),
    TaskEither.bindW("evaluation", () => readEvaluation(resolve(run))),
    TaskEither.flatMapEither(({ checkpoint, evaluation }) =>
      pipe(
        leavingOf({ run: resolve(run), checkpoint, evaluation, format, linear, fields: encoder }),
        Either.flatMap((leaving) => filesOf({ ...leaving, format, command, preprocessing })),
      )
    ),
    TaskEither.flatMap(({ files, usage }) =>
      pipe(
        writeFolder(folder, files),
        TaskEither.map((): Exported => ({
          folder,
          files: files.map(({ path }) => path),
          usage: usage.replaceAll(/DIR|NAME/g, (word) => word === "DIR" ? folder : basename(folder)),
        })),
      )
    ),
  );
}

/** What of a request does not go together; undefined if all does. */
function contradictionIn({ format, encoder, preprocessing, linear }: ExportRequest): NotExpressible | undefined {
  const { encoderAlone, holdsPreprocessing } = formats[format];
  if (preprocessing && !holdsPreprocessing) {
    return { expected: "a format that holds the preprocessing, as onnx does", found: "one that does not" };
  }
  if (linear && encoderAlone) return { expected: "a format that holds a linear layer", found: "one that does not" };
  if (linear && encoder !== undefined && Object.keys(encoder).length > 0) {
    return { expected: "the encoder that the linear layer was trained on", found: "changes to it" };
  }
}

/** What leaves, and what is known of it. */
type Leaving = {
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  readonly encoder: LeavingEncoder;
  /** What was measured last, by name. */
  readonly scores: Readonly<Record<string, number>>;
};

/** What of a run an export may take along. */
type Source = {
  /** The run's folder or checkpoint, absolute. */
  readonly run: string;
  readonly checkpoint: Checkpoint;
  /** The run's last evaluation, if one is kept. */
  readonly evaluation: KeptEvaluation | undefined;
  readonly format: string;
  readonly linear: boolean;
  /** Changes to the configuration's encoder. */
  readonly fields: PartialConfig["encoder"];
};

/** The encoder and the classifier that leave. */
function leavingOf(source: Source): Either<BadConfig | CannotExport, Leaving> {
  const { checkpoint, evaluation, linear, fields, format } = source;
  const { path, position: { step }, metrics } = checkpoint;
  const ofThis = evaluation?.step === step ? evaluation : undefined;
  if (linear && (ofThis === undefined || ofThis.tensors.length === 0)) {
    const expected = `the linear layer of moco evaluate --run ${source.run}, at step ${step}`;
    const found = evaluation === undefined
      ? "none"
      : ofThis === undefined
      ? `one of step ${evaluation.step}`
      : "an evaluation without one";
    return Either.left({ _tag: "CannotExport", path, format, expected, found });
  }
  const head = linear ? ofThis : undefined;
  return pipe(
    configureStored(
      { path, config: head?.config ?? checkpoint.config },
      head === undefined && fields !== undefined ? { encoder: fields } : {},
      { data: false },
    ),
    Either.flatMap((config): Either<CannotExport, Leaving> => {
      if (linear && config.augment.evaluationMirrored) {
        const expected = "a linear layer on the features of an image";
        const found = "one on the mean of an image's and its mirror image's (--evaluation-mirrored)";
        return Either.left({ _tag: "CannotExport", path, format, expected, found });
      }
      return Either.right({
        ...{ checkpoint, config, scores: { ...metrics, ...ofThis?.scores } },
        encoder: withoutClassifier(format, encoderOf(checkpoint, config, head)),
      });
    }),
  );
}

function withoutClassifier(format: string, { classifier, ...encoder }: LeavingEncoder): LeavingEncoder {
  return classifier === undefined || formats[format].encoderAlone ? encoder : { ...encoder, classifier };
}

function filesOf(
  { checkpoint, config, encoder, scores, format, command, preprocessing }: Leaving & {
    readonly format: string;
    readonly command: string | undefined;
    readonly preprocessing: boolean;
  },
): Either<CannotExport | UnknownFormat, {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly usage: string;
}> {
  return pipe(
    formats[format].format(encoder, { preprocessing }),
    Either.bimap(
      (why): CannotExport => ({ _tag: "CannotExport", path: checkpoint.path, format, ...why }),
      (made) => {
        const { images: { size, channels, mean, std, crop }, classifier } = encoder;
        const card = modelCard({
          ...{
            title: methodAndEncoder(config),
            format,
            data: nameOf(sourceOf(config)),
            config: withoutFolders(checkpoint.config),
          },
          ...{ epochs: checkpoint.position.epoch, steps: checkpoint.position.step, metrics: scores },
          ...checkpoint.data === undefined ? {} : { images: checkpoint.data },
          kind: kindOf(config, classifier !== undefined),
          outputs: classifier === undefined
            ? `${featuresOf(encoder.settings)} features`
            : `a logit for each of ${classifier.classes.length} classes: ${classifier.classes.join(", ")}`,
          takes: `${channels === 1 ? "grey images" : "images in RGB"} of ${size} pixels, of which it sees ` +
            `${percent(crop)} of each side${
              crop < 1 && config.augment.evaluationCrop === undefined ? ", if they are larger" : ""
            }, with values in [0, 1], less the mean ${mean.map(short)}, over the standard deviation ${std.map(short)}`,
          digest: digestOf([
            ...encoder.tensors,
            ...classifier === undefined ? [] : [classifier.weight, classifier.bias],
          ]),
          ...command === undefined ? {} : { command },
        }, made);
        return { files: [...made.files, textFile("README.md", card)], usage: made.usage };
      },
    ),
  );
}

/** Of a file or a folder its name alone: where it lies here is nothing that others should read in a model card. */
export function nameOf(path: string): string {
  return isAbsolute(path) ? basename(path) : path;
}

function withoutFolders(config: Json): Json {
  return JSON.parse(JSON.stringify(config, (_, value) => typeof value === "string" ? nameOf(value) : value));
}

function kindOf({ method }: Config, classifies: boolean): string {
  if (learnsFromLabels(method)) return `An image ${classifies ? "classifier" : "encoder"}, trained with labels`;
  return classifies
    ? "An image classifier: a linear layer that was trained with labels, on an encoder that was pretrained without " +
      "labels"
    : "An image encoder, pretrained without labels";
}

/** The backbone of a checkpoint's query encoder, the images that it takes, and its classifier if there is one. */
function encoderOf({ tensors, classes }: Checkpoint, config: Config, head?: KeptEvaluation): LeavingEncoder {
  const plain = tensors.map((tensor): StoredTensor => ({ ...tensor, name: plainName(renamed(tensor.name)) }));
  const backbone = plain.filter(({ name }) => name.startsWith("query.backbone."));
  const channels = imageChannels(tensors);
  const { size, evaluationSize = size, mean, std } = config.augment;
  const numbers = { mean: perChannel("mean", channels, mean), std: perChannel("std", channels, std) };
  const images = { size: evaluationSize, channels, crop: shareSeen(config), ...numbers };
  const own = plain.flatMap((tensor) =>
    tensor.name.startsWith("query.classifier.")
      ? [{ ...tensor, name: tensor.name.slice("query.classifier.".length) }]
      : []
  );
  const classifier = head === undefined ? classifierOf(own, classes) : classifierOf(head.tensors, head.classes);
  return {
    // A classifier that was trained with its encoder takes the mean of the whole map.
    settings: own.length > 0 && head === undefined ? { ...config.encoder, ...wholeMap(config) } : config.encoder,
    images,
    tensors: backbone,
    ...classifier === undefined ? {} : { classifier },
  };
}

function wholeMap({ encoder }: Config) {
  return "evaluationGrid" in encoder ? { evaluationGrid: 1 } : {};
}

/** A linear layer of the tensors `weight` and `bias`; undefined where they are not there. */
function classifierOf(tensors: readonly StoredTensor[], names?: readonly string[]): LeavingClassifier | undefined {
  const [weight, bias] = ["weight", "bias"].map((name) => tensors.find((tensor) => tensor.name === name));
  if (weight === undefined || bias === undefined) return undefined;
  const [count] = bias.shape;
  const classes = Array.from({ length: count }, (_, index) => names?.[index] ?? String(index));
  return { weight: { ...weight, name: "classifier.weight" }, bias: { ...bias, name: "classifier.bias" }, classes };
}

function digestOf(tensors: readonly StoredTensor[]): string {
  const hash = createHash("sha256");
  for (const { name, shape, data } of tensors) hash.update(`${name} [${shape}]\n`).update(data);
  return hash.digest("hex");
}

function short(value: number): number {
  return Number(value.toPrecision(5));
}
