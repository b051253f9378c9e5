import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { CheckpointError, DifferentState } from "../checkpoint/errors.ts";
import { restore, tensorsOf, toTensor } from "../checkpoint/state.ts";
import { buildMethod } from "../config/build.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { dispose, release } from "../core/scope.ts";
import { jit } from "../engine/mod.ts";
import { writeTensorFile } from "../files/tensor_file.ts";
import type { Method, MethodState, Views } from "../methods/types.ts";
import { freshState } from "../train/fresh_state.ts";
import { type Reporter, silent } from "../train/progress.ts";
import { configure } from "./configure.ts";
import { bankSize, impliedStepsPerEpoch } from "./counts.ts";
import type { InfiniteLoss, RunError } from "./errors.ts";
import { bankRows, type OpenedFile, openTensorFile } from "./open.ts";
import { readViews, type StoredViews } from "./views.ts";

/** What {@linkcode replay} is asked for. */
export type ReplayRequest = PartialConfig & {
  /** The name of the preset; the fields given here override its own. */
  readonly preset?: string;
  /** A safetensors file with the views of each step: `0.query`, `0.key`, `1.query` and so on, normalised. */
  readonly batches: string;
  /** Where to write the state after the last step. */
  readonly out: string;
  /** The state to start from, a checkpoint or a run's folder. Default: a fresh one from the seed. */
  readonly state?: string;
  /** Where to write the state before the first step too. */
  readonly initOut?: string;
  /** Steps that the schedules count as an epoch. Default: those of the data set, where its size is known. */
  readonly stepsPerEpoch?: number;
  /** Receives messages about checkpoints that are passed over. Default: none. */
  readonly reporter?: Reporter;
};

/** What a step measured, by name (`loss` in nats), and the number of steps done. */
export type ReplayedStep = Readonly<Record<string, number>> & { readonly step: number; readonly loss: number };

/**
 * Applies the pure step to views from a file, and writes the state that results. The same files always give the same
 * result. Nothing is written if anything is wrong.
 *
 * @param request The configuration, the views and the files of the states.
 * @returns Right the metrics of each step; left why there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderRunError, replay } from "@momentum-contrast/moco";
 *
 * const replayed = await replay({ batches: "/no/views.safetensors", out: "/no/state.safetensors" })();
 * assertEquals(
 *   replayed._tag === "Left" && renderRunError(replayed.left),
 *   "Cannot read /no/views.safetensors: no such file or folder",
 * );
 * ```
 */
export function replay(request: ReplayRequest): TaskEither<RunError, readonly ReplayedStep[]> {
  const { preset, batches, out, state, initOut, stepsPerEpoch, reporter: { note } = silent, ...fields } = request;
  if (initOut !== undefined && resolve(initOut) === resolve(out)) {
    const reason = "expected another file for the state before the first step, found the same";
    return TaskEither.left({ _tag: "UnwritableFile", path: resolve(out), reason });
  }
  return pipe(
    configure(fields, { preset, data: false }),
    TaskEither.map((config) => ({ config })),
    TaskEither.bindW(
      "perEpoch",
      ({ config }) =>
        TaskEither.fromEither(stepsPerEpoch === undefined ? impliedStepsPerEpoch(config) : Either.right(stepsPerEpoch)),
    ),
    TaskEither.bindW(
      "stored",
      () => state === undefined ? TaskEither.right(undefined) : openTensorFile(resolve(state), note),
    ),
    TaskEither.bindW(
      "images",
      ({ config, stored }) => TaskEither.fromEither(bankSize(config, bankRows(stored?.contents.tensors ?? []))),
    ),
    TaskEither.bindW("file", () => openTensorFile(resolve(batches), note)),
    TaskEither.bindW("views", ({ config, images, file }) => {
      const { method, training: { batch } } = config;
      const expected = {
        batch,
        ...images === undefined ? {} : { images },
        ..."classes" in method ? { classes: method.classes } : {},
        ..."negatives" in method ? { negatives: method.negatives } : {},
      };
      return TaskEither.fromEither(readViews(file.path, file.contents.tensors, expected));
    }),
    TaskEither.flatMap((prepared) => stepAndWrite(prepared, { out, initOut })),
  );
}

/** All that the steps are made of. */
type Prepared = {
  readonly config: Config;
  readonly perEpoch: number;
  readonly stored: OpenedFile | undefined;
  readonly images: number | undefined;
  readonly views: readonly StoredViews[];
};

function stepAndWrite(
  { config, perEpoch, stored, images, views }: Prepared,
  { out, initOut }: Pick<ReplayRequest, "out" | "initOut">,
): TaskEither<CheckpointError | InfiniteLoss, readonly ReplayedStep[]> {
  return async () => {
    const method = buildMethod(config, views[0].query.shape.slice(1), perEpoch, images);
    const initial = initialState(method, config, stored);
    if (Either.isLeft(initial)) return initial;
    const stepped = applyAll(method, initial.right, views, config.training);
    try {
      if (Either.isLeft(stepped)) return stepped;
      const { state, steps } = stepped.right;
      const metadata = { config: JSON.stringify(config) };
      const write = (path: string, state: MethodState) => writeTensorFile(resolve(path), tensorsOf(state), metadata);
      return await pipe(
        initOut === undefined ? TaskEither.right(undefined) : write(initOut, initial.right),
        TaskEither.flatMap(() => write(out, state)),
        TaskEither.map(() => steps),
      )();
    } finally {
      dispose(initial.right);
      if (Either.isRight(stepped)) dispose(stepped.right.state);
    }
  };
}

/** The state of a file, or a fresh one. */
function initialState(
  method: Method<MethodState>,
  { training: { seed } }: Config,
  stored: OpenedFile | undefined,
): Either<DifferentState, MethodState> {
  const fresh = freshState(method, seed);
  if (stored === undefined) return Either.right(fresh);
  const restored = restore(fresh, { path: stored.path, ...stored.contents });
  dispose(fresh);
  return restored;
}

/** The state after a step for each of the views, and what each step measured. The initial state is borrowed. */
function applyAll(
  method: Method<MethodState>,
  initial: MethodState,
  views: readonly StoredViews[],
  { jit: compiled, precision }: Config["training"],
): Either<InfiniteLoss, { readonly state: MethodState; readonly steps: readonly ReplayedStep[] }> {
  const step: typeof method.step = compiled ? jit(method.step, { name: "step", precision }) : method.step;
  const steps: ReplayedStep[] = [];
  let state = initial;
  for (const stored of views) {
    const batch = toViews(stored);
    const next = step(state, batch);
    const measured = Object.entries(next.metrics).map(([name, value]) => [name, value.dataSync()[0]]);
    dispose({ ...batch, metrics: next.metrics });
    if (state !== initial) release(state, next.state);
    state = next.state;
    const metrics: ReplayedStep = { step: state.step.dataSync()[0], ...Object.fromEntries(measured) };
    steps.push(metrics);
    if (!Number.isFinite(metrics.loss)) {
      dispose(state);
      return Either.left({ _tag: "InfiniteLoss", step: metrics.step, loss: metrics.loss });
    }
  }
  return Either.right({ state, steps });
}

function toViews({ query, key, shuffle, index, labels, sample }: StoredViews): Views {
  return {
    query: toTensor(query),
    key: toTensor(key),
    ...(shuffle === undefined ? {} : { shuffle: toTensor(shuffle) }),
    ...(index === undefined ? {} : { index: toTensor(index) }),
    ...(labels === undefined ? {} : { labels: toTensor(labels) }),
    ...(sample === undefined ? {} : { sample: toTensor(sample) }),
  };
}
