/**
 * The cells of an experiment, one after another.
 *
 * @module
 */
import { Either, type TaskEither } from "../core/either.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { renderDuration } from "../train/progress.ts";
import type { AttemptCell } from "./attempt.ts";
import { cellFolder, type CellResult, type Made, readResult, writeResult } from "./cell_result.ts";
import { agrees, type Cell } from "./grid.ts";
import type { MeasureName } from "./measures.ts";
import type { Labels } from "./types.ts";

/** What is run. */
export type CellsRun<E> = {
  readonly cells: readonly Cell[];
  /** Which of them are run if they have no result yet; all of them if absent. */
  readonly only?: Labels;
  /** The experiment's folder. */
  readonly folder: string;
  /** What is measured of each cell. */
  readonly measures: readonly MeasureName[];
  /** How a cell is run. A failure of it ends the experiment. */
  readonly attempt: AttemptCell<E>;
  /** Receives messages on the experiment's progress, one line each. */
  readonly note: (line: string) => void;
  /** The time in milliseconds. */
  readonly now?: () => number;
  /** The machine and the date, for a result that is there now. Default: neither is kept. */
  readonly made?: () => Made;
};

/** How far the run got. */
export type CellsOutcome = {
  readonly _tag: "Finished" | "Interrupted";
  /** The results so far, in the order of the cells, those of cells that were not to be run now included. */
  readonly results: readonly CellResult[];
};

/**
 * Runs every wanted cell that has no result yet, and keeps the result of each as soon as it is there. A cell that
 * failed is a result too, and the others go on.
 *
 * @param run The cells, and how one is run.
 * @returns Right the results; left why one could not be kept, or why a cell could not be run.
 */
export function runCells<E>(run: CellsRun<E>): TaskEither<UnwritableFile | E, CellsOutcome> {
  const { cells, measures, note, now = () => performance.now() } = run;
  return async () => {
    const results = await Promise.all(
      cells.map((cell) => readResult(cellFolder(run.folder, cell), cell, measures)),
    );
    const there = (): readonly CellResult[] => results.filter((result) => result !== undefined);
    const done = there().length;
    if (done > 0) note(`${done} of ${cells.length} cells are there already`);
    const places = cells.flatMap(({ labels }, place) =>
      results[place] === undefined && agrees(labels, run.only) ? [place] : []
    );
    for (const [before, place] of places.entries()) {
      const cell = cells[place];
      const rest = places.length - before;
      note(`\nCell ${done + before + 1}/${done + places.length}: ${cell.name}${left(there(), rest)}`);
      const folder = cellFolder(run.folder, cell);
      const started = now();
      const attempted = await run.attempt(cell, folder)();
      if (Either.isLeft(attempted)) return attempted;
      const attempt = attempted.right;
      if (attempt._tag === "Interrupted") return Either.right({ _tag: "Interrupted", results: there() });
      const { digest, name, labels, config: { training: { seed } } } = cell;
      const result: CellResult = {
        version: 1,
        digest,
        name,
        labels,
        seed,
        ...attempt._tag === "Finished"
          ? { state: "finished", values: attempt.values }
          : { state: "failed", reason: attempt.reason, values: {} },
        measures,
        seconds: (now() - started) / 1000,
        ...run.made === undefined ? {} : { made: run.made() },
      };
      const written = await writeResult(folder, result)();
      if (Either.isLeft(written)) return written;
      results[place] = result;
      if (attempt._tag === "Failed") note(`${cell.name} failed: ${attempt.reason}`);
    }
    return Either.right({ _tag: "Finished", results: there() });
  };
}

/** The time that the rest of the cells may take, estimated from the finished ones. */
function left(done: readonly CellResult[], rest: number): string {
  const finished = done.filter(({ state }) => state === "finished");
  if (finished.length === 0) return "";
  const mean = finished.reduce((sum, { seconds }) => sum + seconds, 0) / finished.length;
  return ` (about ${renderDuration(mean * rest)} left)`;
}
