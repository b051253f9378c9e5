import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { demoPreset } from "../config/presets.ts";
import { renderConfig } from "../config/render.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { counted } from "../core/counted.ts";
import { dispose } from "../core/scope.ts";
import { hasFastBfloat16 } from "../engine/mod.ts";
import type { Result } from "../report/summary.ts";
import { renderDuration, silent } from "../train/progress.ts";
import { mayTrainIn } from "../train/run_folder.ts";
import { configure } from "./configure.ts";
import { type DemoFiles, writeDemoReport } from "./demo_report.ts";
import { epochsWithin, secondsPerEpoch } from "./epoch_time.ts";
import type { RunError, TooFewImages } from "./errors.ts";
import { freeFolder } from "./free_folder.ts";
import { batchesOf, holdOut, type LabelledSplit, loadImages, type Note, sourceOf } from "./images.ts";
import { resultsOf } from "./results.ts";
import { runTraining, type Trained, type Watch } from "./training.ts";
import { unusableAsLeft } from "./unusable_as_left.ts";

/** What {@linkcode demo} is asked for. */
export type DemoRequest = PartialConfig & Watch & {
  /** The preset that it starts from. Default "demo". */
  readonly preset?: string;
  /** Where everything goes. Default: `runs/demo`, or `runs/demo-2` and so on if that exists. */
  readonly out?: string;
  /** Whether it goes on from the newest checkpoint in `out`, with its configuration. Default false. */
  readonly resume?: boolean;
  /** Trains for about this many minutes: a few timed steps tell how many epochs fit. Default: the epochs as given. */
  readonly minutes?: number;
};

/** How a demo ended. */
export type Demonstrated =
  | {
    readonly _tag: "Finished";
    readonly folder: string;
    /** The trained encoder first, then the baselines. */
    readonly results: readonly Result[];
    /** The paths of the files written about them. */
    readonly files: DemoFiles;
  }
  | {
    /** Someone asked to stop, and all is saved. */
    readonly _tag: "Interrupted";
    readonly folder: string;
    /** Steps done. */
    readonly step: number;
    readonly checkpoint: string;
  };

/**
 * Runs everything: trains without labels, evaluates beside a randomly initialised encoder and the raw pixels, and
 * writes `summary.json` and `report.html`.
 *
 * @param request What differs from the preset, where it goes, and how long it may take.
 * @returns Right the results, or where the demo stands when it was interrupted; left why it could not be done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { demo } from "@momentum-contrast/moco";
 *
 * const out = await Deno.makeTempDir();
 * const ended = await demo({ out, data: { name: "idx", path: "/no/such/folder" } })();
 * assertEquals(ended._tag === "Left" && ended.left._tag, "UnreadableFile");
 * ```
 */
export function demo(request: DemoRequest): TaskEither<RunError, Demonstrated> {
  const started = performance.now();
  const { preset = demoPreset, out, resume = false, minutes, reporter = silent, interrupt, ...fields } = request;
  const { note } = reporter;
  return unusableAsLeft(pipe(
    configure(fields, resume && out !== undefined ? { run: resolve(out) } : { preset }),
    TaskEither.tap(() => out === undefined ? TaskEither.right(undefined) : mayTrainIn(resolve(out), resume)),
    TaskEither.map((config) => resume || isPrecisionChosen(request) ? config : withFasterPrecision(config)),
    TaskEither.map((asked) => ({ asked })),
    TaskEither.bindW("loaded", ({ asked }) => loadImages(asked, note)),
    TaskEither.bindW("images", ({ asked, loaded }) => TaskEither.fromEither(holdOut(loaded, sourceOf(asked), note))),
    TaskEither.bindW("config", ({ asked, images }) => fitting(asked, images, minutes, note)),
    TaskEither.flatMap(({ config, images }) => async () => {
      const folder = out === undefined ? await freeFolder("runs/demo") : resolve(out);
      note(renderConfig(config));
      note(`\nTraining on ${counted(images.train.count, "image")} without their labels, into ${folder}\n`);
      const trained = await runTraining({ config, images, folder, resume, reporter, interrupt })();
      if (Either.isLeft(trained)) return trained;
      return await measured(trained.right, images, note, started);
    }),
  ));
}

/** Evaluates what was trained, and writes the results. */
async function measured(
  { config, folder, method, outcome }: Trained,
  images: LabelledSplit,
  note: Note,
  started: number,
): Promise<Either<RunError, Demonstrated>> {
  const { state, position, checkpoint } = outcome;
  try {
    if (outcome._tag === "Interrupted") {
      return Either.right({ _tag: "Interrupted", folder, step: position.step, checkpoint });
    }
    const results = await resultsOf({ config, method, state, images, baselines: true, note });
    const files = await writeDemoReport({ config, folder, outcome, images, results, started })();
    return pipe(files, Either.map((files) => ({ _tag: "Finished", folder, results, files })));
  } finally {
    dispose(state);
  }
}

function isPrecisionChosen({ preset, training }: DemoRequest): boolean {
  return preset !== undefined || training?.precision !== undefined;
}

function withFasterPrecision(config: Config): Config {
  const precision = config.training.jit && hasFastBfloat16() ? "bfloat16" : config.training.precision;
  return { ...config, training: { ...config.training, precision } };
}

/** The configuration with as many epochs as fit into the given time, judging by the speed of a few steps. */
function fitting(
  config: Config,
  { train }: LabelledSplit,
  minutes: number | undefined,
  note: Note,
): TaskEither<TooFewImages, Config> {
  if (minutes === undefined) return TaskEither.right(config);
  return pipe(
    TaskEither.fromIOEither(() => batchesOf(train, config)), // which opens the images
    TaskEither.map((batches) => {
      const seconds = secondsPerEpoch(config, train, batches);
      const epochs = epochsWithin(minutes, seconds);
      note(`An epoch takes about ${renderDuration(seconds)} here: ${counted(epochs, "epoch")} in ${minutes} min`);
      const { training, optimizer: { warmupEpochs, ...optimizer } } = config;
      const share = warmupEpochs < epochs ? 1 : epochs / training.epochs; // a warm-up is shorter than the training
      return {
        ...config,
        optimizer: { ...optimizer, warmupEpochs: share * warmupEpochs },
        training: { ...training, epochs },
      };
    }),
  );
}
