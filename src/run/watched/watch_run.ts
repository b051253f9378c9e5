import { resolve } from "node:path";
import { parseConfig } from "../../config/config.ts";
import { methodAndEncoder } from "../../config/names.ts";
import type { Config } from "../../config/types.ts";
import { Either, pipe } from "../../core/either.ts";
import { renderFileError } from "../../files/errors.ts";
import { growingLines } from "../../files/growing_lines.ts";
import { parseMetrics } from "../../train/metrics_log.ts";
import { runPaths } from "../../train/run_folder.ts";
import { readJson } from "../configure.ts";
import { type Curves, curves } from "./curves.ts";
import { heardWith, nothingHeard } from "./heard.ts";
import type { RunStanding } from "./run_standing.ts";

/** A run whose files are read while it trains, or after it. */
export type WatchedRun = {
  /** Reads what is new. Readings that come close together are one. */
  readonly refresh: () => Promise<void>;
  readonly standing: () => RunStanding;
  /** What was measured so far. */
  readonly curves: Curves;
  /** The configuration; undefined where none can be read. */
  readonly config: () => Config | undefined;
};

/** The files are read again after so many milliseconds at the earliest. */
const REST = 300;

/**
 * Watches a run by its files alone. It writes nothing, locks nothing, and asks nothing of the program that trains.
 *
 * @param path The run's folder. It may be empty still, or go away and come again.
 */
export function watchRun(path: string): WatchedRun {
  const folder = resolve(path);
  const paths = runPaths(folder);
  const measured = curves();
  let heard = nothingHeard;
  let config: Config | undefined;
  let modified: number | undefined;
  let problem: string | undefined;
  let read = -Infinity;
  let reading: Promise<void> | undefined;
  const newestConfig = configReader(paths.config);
  const lines = growingLines(paths.metrics, {
    begin: () => {
      measured.clear();
      heard = nothingHeard;
    },
    line: (text) => {
      for (const record of parseMetrics(text)) {
        const generation = measured.generation();
        measured.add(record);
        // A run that goes back is heard anew from there: an alarm that it raised beyond is no longer true.
        if (measured.generation() !== generation) heard = nothingHeard;
        heard = heardWith(heard, record);
      }
    },
  });
  const refresh = async (): Promise<void> => {
    const found = await lines.read()();
    config = await newestConfig();
    if (Either.isRight(found)) modified = found.right.modified;
    problem = Either.isRight(found) ? undefined : renderFileError(found.left);
    read = performance.now();
  };
  return {
    curves: measured,
    config: () => config,
    refresh: () => {
      if (performance.now() - read < REST) return Promise.resolve();
      return reading ??= refresh().finally(() => reading = undefined);
    },
    standing: () => {
      const end = measured.end();
      const { epochs, batch } = config?.training ?? {};
      const isFinished = end !== undefined && epochs !== undefined && end.epoch >= epochs;
      const secondsLeft = isFinished ? undefined : left(end, epochs, batch, measured.last("imagesPerSecond"));
      return {
        folder,
        ...config === undefined ? {} : { method: methodAndEncoder(config), epochs },
        ...end === undefined ? {} : { end, modified },
        isFinished,
        ...secondsLeft === undefined ? {} : { secondsLeft },
        alarms: heard.texts,
        ...problem === undefined ? {} : { problem },
      };
    },
  };
}

/** Reads a run's configuration again whenever it was written anew, as a run that is resumed does. */
function configReader(path: string): () => Promise<Config | undefined> {
  let written: number | undefined;
  let config: Config | undefined;
  return async () => {
    const found = await Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => undefined);
    if (found === undefined || found === written) return config;
    written = found;
    return config = pipe(
      await readJson(path)(),
      Either.flatMap((stored) => parseConfig(stored, { data: false })),
      Either.getOrElseW(() => undefined),
    );
  };
}

/** The seconds that the rest of a run takes at a speed. */
function left(
  end: RunStanding["end"],
  epochs: number | undefined,
  batch: number | undefined,
  imagesPerSecond: number | undefined,
): number | undefined {
  if (end === undefined || epochs === undefined || batch === undefined || !(imagesPerSecond! > 0)) return undefined;
  const perEpoch = end.step / end.epoch;
  const seconds = (epochs - end.epoch) * perEpoch * batch / imagesPerSecond!;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
