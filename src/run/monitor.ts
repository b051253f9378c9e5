import type { Tensor } from "../engine/mod.ts";
import { learnsFromLabels } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import type { Devices } from "../core/devices.ts";
import { dispose } from "../core/scope.ts";
import type { Split } from "../data/types.ts";
import { scoreClassifier } from "../evaluate/classify.ts";
import { labelledFeatures } from "../evaluate/features.ts";
import { knn } from "../evaluate/knn.ts";
import type { MethodState } from "../methods/types.ts";
import { classifierOf } from "./classifier.ts";
import { featuresOf } from "./features.ts";
import { isLabelled, type LabelledDataset, type Note, some } from "./images.ts";

/** The most images in the bank and in the test: the score is a hint while the encoder trains, not the result. */
const most = { bank: 10_000, test: 2_000 } as const;

/** Scores a state while it is trained. */
export type Monitor = (state: MethodState) => Promise<Readonly<Record<string, number>>>;

/**
 * The accuracy on a part of the images: a classifier's own, or kNN's. Undefined if it was not asked for or there are no
 * labels.
 *
 * @param config What is trained, and how often it is scored.
 * @param images The images.
 * @param devices The devices that train together: they share the images, and each comes to the same scores.
 * @param note Is told why there is no score.
 */
export function monitorOf(
  config: Config,
  { train, test }: Split,
  devices: Devices,
  note: Note,
): Monitor | undefined {
  const { evaluateEvery, evaluateSteps } = config.training;
  if (evaluateEvery === 0 && evaluateSteps === 0) return undefined;
  if (!isLabelled(train) || !isLabelled(test)) {
    note("Note: there are no labelled training and test images, so no accuracy while training.");
    return undefined;
  }
  const testImages = some(test, most.test);
  if (learnsFromLabels(config.method)) return classifierMonitor(config, testImages, devices);
  const features = featuresOf(config);
  const bankImages = some(train, most.bank);
  return async (state) => {
    const encode = (images: Tensor) => features(state, images);
    const bank = await labelledFeatures(encode, bankImages, { devices });
    const queries = await labelledFeatures(encode, testImages, { devices });
    const { top1 } = knn(queries, bank);
    dispose({ bank: bank.features, queries: queries.features });
    return { knn: top1 };
  };
}

function classifierMonitor(config: Config, test: LabelledDataset, devices: Devices): Monitor {
  const classify = classifierOf(config);
  return async (state) => {
    const { top1, top5 } = await scoreClassifier((images) => classify(state, images), test, { devices });
    return { top1, top5 };
  };
}
