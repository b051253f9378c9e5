import { resolve } from "node:path";
import { learnsFromLabels } from "../config/build.ts";
import { renderConfig } from "../config/render.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Split } from "../data/types.ts";
import { silent } from "../train/progress.ts";
import { mayTrainIn } from "../train/run_folder.ts";
import { configure } from "./configure.ts";
import type { RunError } from "./errors.ts";
import { holdOut, loadImages, type Note, sourceOf } from "./images.ts";
import type { ClusterRequest } from "./cluster/members.ts";
import { join } from "./cluster/join.ts";
import { runTraining, type Trained, type Watch } from "./training.ts";

/** What {@linkcode train} is asked for: fields of a configuration, and where the run goes. */
export type TrainRequest = PartialConfig & Watch & {
  /** The name of the preset; the fields given here override its own. Default: none, as every field has a default. */
  readonly preset?: string;
  /** The run's folder, for the configuration, the metrics and the checkpoints. */
  readonly out: string;
  /** Whether to go on from the newest whole checkpoint in `out`, with its configuration. Default false. */
  readonly resume?: boolean;
  /** Whether files for TensorBoard are written into the folder `tensorboard` of the run's. Default false. */
  readonly tensorboard?: boolean;
  /** The processes that train together, if this one is one of several. Default: as `TF_CONFIG` says, or alone. */
  readonly cluster?: ClusterRequest;
};

/**
 * Trains an encoder without labels: loads the images, trains to the last epoch and saves along the way.
 *
 * The same request with `resume` continues where the last one stopped, as if nothing had happened.
 *
 * @param request The configuration, the run's folder, and who is told of the training's progress.
 * @returns Right how the run ended, with its state, which the caller frees; left why it could not begin or go on, which
 * {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contactSheet, dispose, key, tf, train } from "@momentum-contrast/moco";
 *
 * const path = await Deno.makeTempDir();
 * for (const name of ["a", "b", "c", "d"]) {
 *   const noise = tf.randomUniform([1, 8, 8, 3]);
 *   await Deno.writeFile(`${path}/${name}.png`, contactSheet(noise, { recipe: "v2", size: 8 }, key(0), { views: 1 }));
 * }
 * const trained = await train({
 *   ...{ preset: "photos", data: { path }, out: `${path}/run` },
 *   method: { queue: 4, groups: 1 },
 *   encoder: { width: 0.0625 },
 *   augment: { size: 8 },
 *   training: { batch: 2, epochs: 1, jit: false },
 * })();
 * assertEquals(trained._tag === "Right" && trained.right.outcome.position.step, 2);
 * if (trained._tag === "Right") dispose(trained.right.outcome.state);
 * ```
 */
export function train(request: TrainRequest): TaskEither<RunError, Trained> {
  const { preset, out, resume = false, reporter = silent, interrupt, cluster = {}, tensorboard = false, ...fields } =
    request;
  const folder = resolve(out);
  return pipe(
    configure(fields, { preset, ...resume ? { run: folder } : {} }),
    TaskEither.tap(() => mayTrainIn(folder, resume)),
    TaskEither.map((config) => ({ config })),
    TaskEither.bindW("cluster", () => join(cluster)),
    TaskEither.map((joined) => {
      if ((joined.cluster?.rank ?? 0) === 0) reporter.note(renderConfig(joined.config));
      return joined;
    }),
    TaskEither.bindW("images", ({ config }) => imagesOf(config, reporter.note)),
    TaskEither.flatMap((loaded) => runTraining({ ...loaded, folder, resume, reporter, interrupt, tensorboard })),
  );
}

/**
 * The images of a configuration. What learns from labels leaves some images for tests, as the evaluation does: on those
 * that it learned from, it would be measured too well.
 */
function imagesOf(config: Config, note: Note): TaskEither<RunError, Split> {
  return pipe(
    loadImages(config, note),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.flatMapEither((split): Either<RunError, Split> =>
      learnsFromLabels(config.method) && split.test === undefined
        ? holdOut(split, sourceOf(config), note)
        : Either.right(split)
    ),
  );
}
