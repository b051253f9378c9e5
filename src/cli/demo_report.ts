/**
 * What the demo leaves: `summary.json` and `report.html`.
 *
 * @module
 */
import { join } from "node:path";
import { engineInfo, type Tensor, tf } from "../engine/mod.ts";
import { buildSchedule } from "../config/build_optimizer.ts";
import { methodAndEncoder } from "../config/names.ts";
import { readPart } from "../config/reading.ts";
import type { Config } from "../config/types.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import { dispose, scope } from "../core/scope.ts";
import { select } from "../data/select.ts";
import { extractFeatures } from "../evaluate/features.ts";
import type { Method, MethodState } from "../methods/types.ts";
import { firstOfEachClass, gallery } from "../report/gallery.ts";
import { renderReport } from "../report/report.ts";
import type { Result, Summary } from "../report/summary.ts";
import { type MetricsRecord, parseMetrics } from "../train/metrics_log.ts";
import { runPaths } from "../train/run_folder.ts";
import type { Outcome } from "../train/types.ts";
import type { Labelled } from "./datasets.ts";
import { featuresOf, some } from "./evaluation.ts";
import { orCheckpointFailure } from "./files.ts";

/** What the demo knows when it reports. */
export type Demo = {
  readonly config: Config;
  readonly folder: string;
  readonly outcome: Outcome<MethodState>;
  readonly method: Method<MethodState>;
  readonly train: Labelled;
  readonly test: Labelled;
  readonly results: readonly Result[];
  readonly trainingSeconds: number;
  /** When the program began, by `performance.now()`. */
  readonly started: number;
};

/** Training images in which the gallery looks for neighbours at most. */
const galleryBank = 10_000;

/** Writes the summary and the report into the run's folder. */
export async function report(demo: Demo): Promise<void> {
  const { folder, config, train } = demo;
  const records = parseMetrics(await Deno.readTextFile(runPaths(folder).metrics));
  const rows = await neighbours(demo);
  const summary = summarise(demo);
  const page = await renderReport({
    title: `${summary.method} on ${train.name}`,
    summary,
    records: withLearningRate(records, config, demo.outcome.position.step / config.training.epochs),
    knnNote:
      "The checks during training use a part of the images. Lines to compare with: the final evaluation of the baselines.",
    gallery: rows,
    config: readPart(config),
  });
  await orCheckpointFailure(writeTextAtomic(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`));
  await orCheckpointFailure(writeTextAtomic(join(folder, "report.html"), page));
}

function summarise({ config, outcome, train, test, results, trainingSeconds, started }: Demo): Summary {
  const { epochs, batch, precision } = config.training;
  const { tensorflow, devices } = engineInfo();
  const { step } = outcome.position;
  return {
    version: 1,
    method: methodAndEncoder(config),
    finished: new Date().toISOString(),
    data: {
      name: train.name,
      train: train.count,
      test: test.count,
      classes: train.classes ?? [],
      shape: [train.height, train.width, train.channels],
    },
    training: {
      epochs,
      steps: step,
      batch,
      seconds: trainingSeconds,
      imagesPerSecond: step * batch / trainingSeconds,
    },
    results,
    seconds: (performance.now() - started) / 1000,
    environment: {
      Deno: Deno.version.deno,
      TensorFlow: tensorflow,
      devices: devices.map(({ type }) => type).join(", "),
      precision,
    },
  };
}

/** The records, with the learning rate that the schedule gave each logged step. */
function withLearningRate(records: readonly MetricsRecord[], config: Config, stepsPerEpoch: number) {
  const schedule = buildSchedule(config, stepsPerEpoch);
  return records.map((record): MetricsRecord => {
    if (record.metrics === undefined) return record;
    const learningRate = scope(() => schedule(tf.scalar(record.step - 1, "int32")).dataSync()[0]);
    return { ...record, metrics: { ...record.metrics, learningRate } };
  });
}

/** The nearest training images of the first test image of each class. */
async function neighbours({ config, outcome, train, test }: Demo) {
  const features = featuresOf(config);
  const encode = (images: Tensor) => features(outcome.state, images);
  const bankImages = some(train, galleryBank);
  const queries = firstOfEachClass(test.labels, 10);
  const testImages = select(test, queries) as Labelled;
  const bank = await extractFeatures(encode, bankImages);
  const found = await extractFeatures(encode, testImages);
  const rows = gallery({
    test: { images: testImages, features: found },
    train: { images: bankImages, features: bank },
    ...(train.classes === undefined ? {} : { classes: train.classes }),
  });
  dispose({ bank, found });
  return rows;
}
