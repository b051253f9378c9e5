import { join, resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { nearest } from "../config/suggest.ts";
import type { PartialConfig } from "../config/types.ts";
import type { Watch } from "../run/training.ts";
import { silent } from "../train/progress.ts";
import { attempts } from "./attempt.ts";
import { chosen } from "./choose.ts";
import type { ExperimentError, UnknownExperiment } from "./errors.ts";
import { experiments } from "./experiments/mod.ts";
import { grid } from "./grid.ts";
import { writeOutput } from "./output.ts";
import { made, provenanceOf } from "./provenance.ts";
import { runCells } from "./run_cells.ts";
import type { Experiment, Labels, Scale } from "./types.ts";

/** What {@linkcode runExperiment} is asked for. */
export type ExperimentRequest = Watch & {
  /** The experiment. */
  readonly name: string;
  /** How large it is. Default "laptop". */
  readonly scale?: Scale;
  /** Repetitions of each cell. Default: the scale's. */
  readonly seeds?: number;
  /**
   * The cells to run now, by the labels of some axes: `{ K: ["256"] }`. Default: all. The output covers the others too,
   * with the results that earlier calls left, and says which are still to be run.
   */
  readonly only?: Labels;
  /** Fields that hold for every cell, except for what the cell is about. */
  readonly config?: PartialConfig;
  /** Where everything goes. Default: `runs/<name>-<scale>`. */
  readonly out?: string;
  /** The command that is named beside the results. Default: one that asks for the same experiment and scale. */
  readonly command?: string;
};

/** How an experiment ended. */
export type Experimented = {
  /** Whether every cell that was to be run is done, or someone asked to stop and all is saved. */
  readonly _tag: "Finished" | "Interrupted";
  readonly folder: string;
  /** Cells that are done, and those of the whole experiment. */
  readonly done: number;
  readonly cells: number;
  /** The results as Markdown, where there are any. */
  readonly table?: string;
};

/**
 * Trains and measures every cell of one of the papers' comparisons, or those that are wanted, and writes tables,
 * figures and a page of the results so far. Finished cells are not run again.
 *
 * @param request The experiment, its scale, and where it goes.
 * @returns Right how far it got; left why it could not be run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderExperimentError, runExperiment } from "@momentum-contrast/moco";
 *
 * const ended = await runExperiment({ name: "momentun" })();
 * assertEquals(ended._tag === "Left" && ended.left._tag, "UnknownExperiment");
 * const text = ended._tag === "Left" ? renderExperimentError(ended.left) : "";
 * assertEquals(text.endsWith(`(did you mean "momentum"?)`), true);
 * ```
 */
export function runExperiment(request: ExperimentRequest): TaskEither<ExperimentError, Experimented> {
  const { name, scale = "laptop", seeds, only = {}, config, out, reporter = silent, interrupt } = request;
  const { command = `deno task moco experiment ${name} --scale ${scale}` } = request;
  const folder = resolve(out ?? join("runs", `${name}-${scale}`));
  return pipe(
    experimentOf(name),
    Either.map((experiment) => ({ experiment })),
    Either.bindW("wanted", ({ experiment }) => chosen(experiment, scale, only)),
    Either.bindW("cells", ({ experiment }) => grid(experiment, scale, { seeds, config })),
    TaskEither.fromEither,
    TaskEither.bindW("outcome", ({ experiment: { title, measures }, wanted, cells }) => {
      reporter.note(`${title}: ${cells.length} cells, into ${folder}`);
      const attempt = attempts(measures, { reporter, interrupt });
      return runCells({ cells, only: wanted, folder, measures, attempt, note: reporter.note, made });
    }),
    TaskEither.flatMap(({ experiment, cells, outcome: { _tag, results } }) => {
      const ended: Experimented = { _tag, folder, done: results.length, cells: cells.length };
      if (results.length === 0) return TaskEither.right(ended);
      return pipe(
        TaskEither.fromTask(() => provenanceOf(command)),
        TaskEither.flatMap((provenance) => writeOutput({ experiment, scale, cells, results, folder, provenance })),
        TaskEither.map((table): Experimented => ({ ...ended, table })),
      );
    }),
  );
}

function experimentOf(name: string): Either<UnknownExperiment, Experiment> {
  if (Object.hasOwn(experiments, name)) return Either.right(experiments[name]);
  const expected = Object.keys(experiments);
  const suggestion = nearest(name, expected);
  return Either.left({ _tag: "UnknownExperiment", name, expected, ...suggestion === undefined ? {} : { suggestion } });
}
