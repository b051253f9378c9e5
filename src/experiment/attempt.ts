import { Either, pipe, TaskEither } from "../core/either.ts";
import { listCheckpoints } from "../checkpoint/folder.ts";
import { dispose } from "../core/scope.ts";
import { renderRunError, type RunError } from "../run/errors.ts";
import { holdOut, type LabelledSplit, loadImages, sourceOf } from "../run/images.ts";
import { resultsOf } from "../run/results.ts";
import { runTraining, type Trained, type Watch } from "../run/training.ts";
import { unusableAsLeft } from "../run/unusable_as_left.ts";
import { parseMetrics } from "../train/metrics_log.ts";
import { silent } from "../train/progress.ts";
import { runPaths } from "../train/run_folder.ts";
import type { CellResult } from "./cell_result.ts";
import type { Cell } from "./grid.ts";
import { type MeasureName, measures } from "./measures.ts";

/** How the attempt at a cell ended. */
export type Attempt =
  | { readonly _tag: "Finished"; readonly values: CellResult["values"] }
  /** A number was not finite: that is a result. */
  | { readonly _tag: "Failed"; readonly reason: string }
  /** Someone asked to stop, and all is saved. */
  | { readonly _tag: "Interrupted" };

/** Trains and measures a cell in a folder of its own, and continues there from where an earlier attempt stopped. */
export type AttemptCell<E> = (cell: Cell, folder: string) => TaskEither<E, Attempt>;

/**
 * How a cell is trained and measured. The images are loaded once for all cells that share them.
 *
 * @param wanted What is measured of each cell.
 * @param watch Who is told of a training's progress, and who may stop it.
 */
export function attempts(wanted: readonly MeasureName[], watch: Watch = {}): AttemptCell<RunError> {
  const imagesOf = loadOnce(watch);
  return ({ config }, folder) =>
    unusableAsLeft(pipe(
      imagesOf(config),
      TaskEither.flatMapEither((split) => holdOut(split, sourceOf(config), watch.reporter?.note)),
      TaskEither.map((images) => ({ images })),
      TaskEither.bindW("saved", () => listCheckpoints(runPaths(folder).checkpoints)),
      TaskEither.flatMap(({ images, saved }) => async (): Promise<Either<RunError, Attempt>> => {
        const trained = await runTraining({ config, images, folder, resume: saved.length > 0, ...watch })();
        if (Either.isRight(trained)) return Either.right(await measured(trained.right, images, wanted));
        const { left } = trained;
        return left._tag === "NonFinite" ? Either.right({ _tag: "Failed", reason: renderRunError(left) }) : trained;
      }),
    ));
}

async function measured(
  { config, folder, method, outcome }: Trained,
  images: LabelledSplit,
  wanted: readonly MeasureName[],
): Promise<Attempt> {
  const { state } = outcome;
  const needs = (part: "linear" | "baselines") => wanted.some((name) => measures[name].needs === part);
  try {
    if (outcome._tag === "Interrupted") return { _tag: "Interrupted" };
    const results = await resultsOf({
      ...{ config, method, state, images, note: silent.note },
      options: needs("linear") ? {} : { linear: false },
      baselines: needs("baselines"),
    });
    const records = parseMetrics(await Deno.readTextFile(runPaths(folder).metrics));
    const values = wanted.flatMap((name) => {
      const value = measures[name].of({ config, results, records });
      return value === undefined ? [] : [[name, value]];
    });
    return { _tag: "Finished", values: Object.fromEntries(values) };
  } finally {
    dispose(state);
  }
}

/** Loads the images of a configuration the first time that they are asked for. */
function loadOnce({ reporter }: Watch): typeof loadImages {
  const loaded = new Map<string, ReturnType<ReturnType<typeof loadImages>>>();
  return (config) => () => {
    const { size, evaluationSize, evaluationCrop, cropScale, cropRatio } = config.augment;
    const source = JSON.stringify([config.data, size, evaluationSize, evaluationCrop, cropScale, cropRatio]);
    const images = loaded.get(source) ?? loadImages(config, reporter?.note)();
    loaded.set(source, images);
    return images;
  };
}
