/**
 * What the demo leaves: `summary.json` and `report.html`.
 *
 * @module
 */
import { join } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { engineInfo, type Tensor } from "../engine/mod.ts";
import { methodAndEncoder } from "../config/names.ts";
import type { Config } from "../config/types.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import { median } from "../core/median.ts";
import { dispose } from "../core/scope.ts";
import { inMemory } from "../data/in_order.ts";
import { isInFiles } from "../data/types.ts";
import { extractFeatures } from "../evaluate/features.ts";
import type { MethodState } from "../methods/types.ts";
import { firstOfEachClass, gallery, type GalleryRow, type LabelledPixels } from "../report/gallery.ts";
import { renderReport } from "../report/report.ts";
import type { Result, Summary } from "../report/summary.ts";
import { type MetricsRecord, parseMetrics } from "../train/metrics_log.ts";
import { runPaths } from "../train/run_folder.ts";
import type { Outcome } from "../train/types.ts";
import { featuresOf } from "./features.ts";
import { type LabelledDataset, type LabelledSplit, part, some } from "./images.ts";

/** What the demo knows when it reports. */
export type Demo = {
  readonly config: Config;
  readonly folder: string;
  readonly outcome: Outcome<MethodState>;
  readonly images: LabelledSplit;
  readonly results: readonly Result[];
  /** When the demo began, by `performance.now()`. */
  readonly started: number;
};

/** The paths of what the demo writes. */
export type DemoFiles = { readonly summary: string; readonly report: string };

/** The most training images that the gallery searches for neighbours. */
const galleryBank = 10_000;

/** The same for images that are read from files, whose views are held in memory. */
const galleryFiles = 1_000;

/** Writes the summary and the report into the run's folder. */
export function writeDemoReport(demo: Demo): TaskEither<UnwritableFile, DemoFiles> {
  const { folder, config, images: { train } } = demo;
  const files = { summary: join(folder, "summary.json"), report: join(folder, "report.html") };
  return async () => {
    const records = parseMetrics(await Deno.readTextFile(runPaths(folder).metrics));
    const rows = await neighbours(demo);
    const summary = summaryOf(demo, records);
    const page = await renderReport({
      title: `${summary.method} on ${train.name}`,
      summary,
      records,
      knnNote:
        "The checks during training use a part of the images. The baselines' lines are from the final evaluation.",
      gallery: rows,
      config,
    });
    return pipe(
      writeTextAtomic(files.summary, `${JSON.stringify(summary, null, 2)}\n`),
      TaskEither.flatMap(() => writeTextAtomic(files.report, page)),
      TaskEither.map(() => files),
    )();
  };
}

function summaryOf(
  { config, outcome, images: { train, test }, results, started }: Demo,
  records: readonly MetricsRecord[],
): Summary {
  const { epochs, batch, precision } = config.training;
  const { tensorflow, devices } = engineInfo();
  const { step } = outcome.position;
  // By its own lines, because it may have been stopped and resumed.
  const rates = records.flatMap(({ imagesPerSecond: rate }) => rate === undefined ? [] : [rate]);
  const seconds = (performance.now() - started) / 1000;
  const imagesPerSecond = rates.length > 0 ? median(rates) : step * batch / seconds;
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
      seconds: step * batch / imagesPerSecond,
      imagesPerSecond,
    },
    results,
    seconds,
    environment: {
      Deno: Deno.version.deno,
      TensorFlow: tensorflow,
      devices: devices.map(({ type }) => type).join(", "),
      precision,
    },
  };
}

function pixelsOf(data: LabelledDataset): LabelledPixels {
  return (isInFiles(data) ? inMemory(data) : data) as LabelledPixels;
}

/** The nearest training images of the first test image of each class. */
async function neighbours({ config, outcome, images: { train, test } }: Demo): Promise<readonly GalleryRow[]> {
  const features = featuresOf(config);
  const encode = (images: Tensor) => features(outcome.state, images);
  const bankImages = pixelsOf(some(train, isInFiles(train) ? galleryFiles : galleryBank));
  const testImages = pixelsOf(part(test, firstOfEachClass(test.labels, 10)));
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
