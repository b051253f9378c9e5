import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { restore, tensorsOf } from "../checkpoint/state.ts";
import { buildMethod, learnsFromLabels, viewShape } from "../config/build.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { clusterDevices } from "../core/devices.ts";
import { present } from "../core/present.ts";
import { dispose } from "../core/scope.ts";
import { digestOf } from "../data/data_digest.ts";
import type { Cluster } from "../engine/mod.ts";
import { scoreClassifier } from "../evaluate/classify.ts";
import type { Evaluation, EvaluationOptions } from "../evaluate/evaluate.ts";
import type { Scores } from "../evaluate/scores.ts";
import { renderFileError } from "../files/errors.ts";
import { hasFolder } from "../files/read.ts";
import type { MethodState } from "../methods/types.ts";
import type { Result } from "../report/summary.ts";
import { toJson } from "../train/beginning.ts";
import type { TrainingError } from "../train/errors.ts";
import { nonFiniteLeaf } from "../train/finite.ts";
import { freshState } from "../train/fresh_state.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { stateDigest } from "../train/state_digest.ts";
import { join } from "./cluster/join.ts";
import type { ClusterRequest } from "./cluster/members.ts";
import { teamOf } from "./cluster/team.ts";
import { configureStored } from "./configure.ts";
import type { RunError } from "./errors.ts";
import { classifierOf } from "./classifier.ts";
import { onImagesOf } from "./other_images.ts";
import { holdOut, inChannels, type LabelledSplit, loadImages, type Note, sourceOf } from "./images.ts";
import { keptEvaluation, writeEvaluation } from "./kept_evaluation.ts";
import { checkpointOf, type Measurable } from "./measurable.ts";
import { bankRows, imageChannels } from "./open.ts";
import { type Measured, resultsOf } from "./results.ts";
import { unusableAsLeft } from "./unusable_as_left.ts";

/** What {@linkcode evaluate} is asked for: an encoder, the protocol, and changes to its configuration. */
export type EvaluateRequest = Pick<PartialConfig, "data" | "augment" | "encoder"> & Measurable & {
  /** Whether a randomly initialised encoder and the raw pixels are measured too. Default false. */
  readonly baselines?: boolean;
  /** How the neighbours vote. */
  readonly knn?: EvaluationOptions["knn"];
  /** How the linear layer is trained; false leaves it out. */
  readonly linear?: EvaluationOptions["linear"];
  /** Receives messages that say what is being measured. Default: none. */
  readonly reporter?: Reporter;
  /** The processes that share the images, if this one is one of several. Default: as `TF_CONFIG` says, or alone. */
  readonly cluster?: ClusterRequest;
};

/** What {@linkcode evaluate} found. */
export type Evaluated = {
  /** The checkpoint that was measured. */
  readonly checkpoint: Pick<Checkpoint, "path" | "position">;
  readonly config: Config;
  /** Labelled images to train on and to test with. */
  readonly images: LabelledSplit;
  /** The trained encoder first, then the baselines. */
  readonly results: readonly Result[];
  /** The accuracy of the run's own classifier, if it learned from labels and the images have the same classes. */
  readonly classifier?: Scores;
  /** The processes that shared the images. Each has all results. Absent if this one measured alone. */
  readonly cluster?: Cluster;
};

/**
 * Measures the frozen encoder of a run on labelled images: weighted kNN, and one linear layer on its features.
 *
 * The data are the run's, and so are the size of the images and the grid of the features, unless the request says
 * otherwise. Another program's encoder sees images as that program's own evaluation cuts and normalises them. Where
 * there are no test images, every fifth image of each class is held out.
 *
 * Scores and linear layer are kept in the run's folder, in `evaluation.safetensors`: an export can take them along.
 *
 * @param request The encoder, and how it is measured.
 * @returns Right the results; left why there are none, which {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evaluate, renderRunError } from "@momentum-contrast/moco";
 *
 * const evaluated = await evaluate({ run: "/no/such/run", baselines: true })();
 * assertEquals(
 *   evaluated._tag === "Left" && renderRunError(evaluated.left),
 *   "Cannot read /no/such/run: no such file or folder",
 * );
 * ```
 */
export function evaluate(request: EvaluateRequest): TaskEither<RunError, Evaluated> {
  const { baselines = false, knn = {}, linear = {}, reporter: { note } = silent, data, augment, encoder } = request;
  const fields = present({ data, augment, encoder });
  return unusableAsLeft(pipe(
    join(request.cluster ?? {}),
    TaskEither.map((cluster) => ({ cluster })),
    TaskEither.bindW("checkpoint", () => checkpointOf(request, fields, note)),
    TaskEither.bindW(
      "config",
      ({ checkpoint }) => TaskEither.fromEither(configureStored(onImagesOf(checkpoint, fields), fields)),
    ),
    TaskEither.bindW("split", ({ config, checkpoint }) =>
      pipe(
        loadImages(config, note),
        TaskEither.map((split) => inChannels(split, imageChannels(checkpoint.tensors))),
      )),
    TaskEither.bindW("images", ({ config, split }) => TaskEither.fromEither(holdOut(split, sourceOf(config), note))),
    TaskEither.flatMap(({ cluster, checkpoint, config, images }) => async (): Promise<Either<RunError, Evaluated>> => {
      const method = methodOf(checkpoint, config, images);
      const template = freshState(method, config.training.seed);
      const restored = restore(template, checkpoint);
      dispose(template);
      if (Either.isLeft(restored)) return restored;
      const state = restored.right;
      try {
        const tensor = nonFiniteLeaf(state);
        if (tensor !== undefined) return Either.left({ _tag: "NonFiniteWeights", path: checkpoint.path, tensor });
        const kept: Evaluation[] = [];
        const onTrained = (evaluation: Evaluation) => kept.push(evaluation);
        const shared = cluster === undefined ? {} : { features: { devices: clusterDevices(cluster) } };
        const measured = {
          config,
          method,
          state,
          images,
          options: { knn, linear, ...shared },
          baselines,
          onTrained,
          note,
        };
        const found = await together(cluster, measured, () => classified(checkpoint, config, state, images, cluster));
        if (Either.isLeft(found)) return found;
        const evaluated = { checkpoint, config, images, ...found.right };
        if ("run" in request && (cluster?.rank ?? 0) === 0) {
          await keep(resolve(request.run), kept[0], evaluated, note);
        }
        return Either.right(cluster === undefined ? evaluated : { ...evaluated, cluster });
      } finally {
        dispose(state);
      }
    }),
  ));
}

/** How well the classifier of a run tells the classes of the test images, if it has one for these classes. */
async function classified(
  { classes, data }: Checkpoint,
  config: Config,
  state: MethodState,
  { train, test }: LabelledSplit,
  cluster: Cluster | undefined,
): Promise<Scores | undefined> {
  if (!learnsFromLabels(config.method) || classes?.join("\n") !== test.classes?.join("\n")) return undefined;
  // Classes without names are the same only among the same images.
  if (classes === undefined && data?.digest !== digestOf(train).digest) return undefined;
  const classify = classifierOf(config);
  return await scoreClassifier((images) => classify(state, images), test, {
    ...classes === undefined ? {} : { classes },
    ...cluster === undefined ? {} : { devices: clusterDevices(cluster) },
  });
}

/** Measures as one of several processes, if it is one: they must measure the same, and one that is missing is named. */
async function together(
  cluster: Cluster | undefined,
  measured: Measured,
  classified: () => Promise<Scores | undefined>,
): Promise<Either<TrainingError, Pick<Evaluated, "results" | "classifier">>> {
  const all = async () => {
    const results = await resultsOf(measured);
    const classifier = await classified();
    return { results, ...classifier === undefined ? {} : { classifier } };
  };
  if (cluster === undefined) return Either.right(await all());
  const { config, images: { train, test }, state, note } = measured;
  const team = teamOf(cluster, "the images", note);
  const images = { train: toJson(digestOf(train)), test: toJson(digestOf(test)) };
  try {
    const met = await team.meet({ config: toJson(config), images, state: stateDigest(tensorsOf(state)) })();
    return Either.isLeft(met) ? met : Either.right(await all());
  } catch (thrown) {
    return Either.left(await team.missing(thrown));
  }
}

/** Keeps an evaluation in the folder of its run. A checkpoint by itself has no folder to keep it in. */
async function keep(
  folder: string,
  { knn, linear }: Evaluation,
  { checkpoint: { position: { step } }, config, images: { train: { classes } } }: Evaluated,
  note: Note,
): Promise<void> {
  if (!await hasFolder(folder)) return;
  const scores = { knn: knn.top1, ...linear === undefined ? {} : { linear: linear.top1 } };
  const head = linear === undefined ? {} : { head: linear.head };
  const named = classes === undefined ? {} : { classes };
  const written = await writeEvaluation(folder, keptEvaluation({ step, config, scores, ...named, ...head }))();
  if (Either.isLeft(written)) note(`Warning: the evaluation is not kept. ${renderFileError(written.left)}`);
}

function methodOf({ tensors }: Checkpoint, config: Config, { train }: LabelledSplit) {
  const stepsPerEpoch = 1; // nothing is trained, so no schedule is followed
  return buildMethod(config, viewShape(config, train.channels), stepsPerEpoch, bankRows(tensors) ?? train.count);
}
