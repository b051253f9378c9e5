/**
 * Evaluations as commands make them.
 *
 * @module
 */
import { jit, type Tensor } from "../engine/mod.ts";
import { key } from "../core/random.ts";
import { dispose } from "../core/scope.ts";
import { buildFeatures } from "../config/build.ts";
import { methodName } from "../config/names.ts";
import type { Config } from "../config/types.ts";
import { limited, select } from "../data/select.ts";
import { evaluateEncoder, type EvaluationOptions } from "../evaluate/evaluate.ts";
import { extractFeatures, pixels } from "../evaluate/features.ts";
import { knn } from "../evaluate/knn.ts";
import type { Method, MethodState } from "../methods/types.ts";
import { type Result, toResult } from "../report/summary.ts";
import type { Labelled } from "./datasets.ts";
import { percent, table } from "./table.ts";

/** Images of the bank and of the test at most, for the kNN while training: a finger in the wind, not the result. */
const monitored = { bank: 10_000, test: 2_000 } as const;

/** How a state's features are computed: compiled once for all images of a size. */
export function featuresOf(config: Config): (state: MethodState, images: Tensor) => Tensor {
  const { jit: compiled, precision } = config.training;
  const features = buildFeatures(config);
  return compiled ? jit(features, { name: "features", precision }) : features;
}

/** The kNN accuracy of a state on a part of the images. */
export function monitor(
  config: Config,
  train: Labelled,
  test: Labelled,
): (state: MethodState) => Promise<{ readonly knn: number }> {
  const features = featuresOf(config);
  const bankImages = some(train, monitored.bank);
  const testImages = some(test, monitored.test);
  return async (state) => {
    const encode = (images: Tensor) => features(state, images);
    const bank = await extractFeatures(encode, bankImages);
    const queries = await extractFeatures(encode, testImages);
    const { top1 } = knn({ features: queries, labels: testImages.labels }, {
      features: bank,
      labels: bankImages.labels,
    });
    dispose({ bank, queries });
    return { knn: top1 };
  };
}

/** At most `most` images, as many of each class as of every other. */
export function some(data: Labelled, most: number): Labelled {
  return data.count <= most ? data : select(data, limited(data.count, most, data.labels)) as Labelled;
}

/** What is evaluated, and beside what. */
export type Evaluated<S extends MethodState> = {
  readonly config: Config;
  readonly method: Method<S>;
  /** The trained state; borrowed. */
  readonly state: S;
  readonly train: Labelled;
  readonly test: Labelled;
  readonly options: EvaluationOptions;
  /** Whether a randomly initialised encoder and the raw pixels are evaluated too. */
  readonly baselines: boolean;
  /** Told what is being evaluated. */
  readonly onBegin?: (name: string) => void;
};

/** The results of the trained encoder, and of the baselines after it. */
export async function evaluateAll<S extends MethodState>(evaluated: Evaluated<S>): Promise<readonly Result[]> {
  const { config, method, state, train, test, options, baselines, onBegin } = evaluated;
  const features = featuresOf(config);
  const encoder = async (name: string, encoderState: S) => {
    onBegin?.(name);
    return toResult(name, await evaluateEncoder(encoderState, features, train, test, options));
  };
  const trained = await encoder(methodName(config), state);
  if (!baselines) return [trained];
  // The encoder that this training began with: the same seed.
  const fresh = method.init(key(config.training.seed));
  try {
    const random = await encoder("Random initialisation", fresh);
    onBegin?.("Raw pixels");
    const raw = await evaluateEncoder({}, (_, images) => pixels(images), train, test, options);
    return [trained, random, toResult("Raw pixels", raw)];
  } finally {
    dispose(fresh);
  }
}

/** Results as a plain table. */
export function renderResults(results: readonly Result[]): string {
  const linear = results.some((result) => result.linear !== undefined);
  return table(
    ["features", "dimensions", "kNN top-1", "kNN top-5", ...(linear ? ["linear top-1", "linear top-5"] : [])],
    results.map((result) => [
      result.features,
      result.dimension,
      percent(result.knn.top1),
      percent(result.knn.top5),
      ...(linear ? [percent(result.linear?.top1 ?? NaN), percent(result.linear?.top5 ?? NaN)] : []),
    ]),
  );
}

/** The accuracy of each class, as a plain table. */
export function renderClasses({ knn, linear }: Result): string {
  const share = (accuracy: number | null | undefined) => accuracy == null ? "-" : percent(accuracy);
  return table(
    ["class", "images", "kNN", ...(linear === undefined ? [] : ["linear"])],
    knn.perClass.map(({ label, name, count, accuracy }, i) => [
      name ?? String(label),
      count,
      share(accuracy),
      ...(linear === undefined ? [] : [share(linear.perClass[i].accuracy)]),
    ]),
  );
}
