import { counted } from "../core/counted.ts";
import { percent } from "../core/percent.ts";
import { renderClasses, renderResults } from "../report/results_text.ts";
import type { Evaluated } from "./evaluate.ts";

/**
 * What an evaluation found, for a terminal.
 *
 * @param evaluated What it found.
 * @param classes Whether the accuracy of each class is shown too.
 */
export function renderEvaluated({ checkpoint, images, results, classifier }: Evaluated, classes: boolean): string {
  const { path, position: { step, epoch } } = checkpoint;
  return [
    `${path}: step ${step}, epoch ${epoch}`,
    `${counted(images.train.count, "labelled training image")}, ${counted(images.test.count, "test image")}`,
    `\n${renderResults(results)}`,
    ...classifier === undefined
      ? []
      : [`\nIts own classifier: top-1 ${percent(classifier.top1)}, top-5 ${percent(classifier.top5)}`],
    ...classes ? [`\n${renderClasses(results[0])}`] : [],
  ].join("\n");
}

/** What an evaluation found, as JSON. */
export function evaluatedJson({ checkpoint: { path, position }, config, images, ...found }: Evaluated): string {
  const data = { name: config.data.name, train: images.train.count, test: images.test.count };
  const { results, classifier } = found;
  return JSON.stringify({ checkpoint: path, position, data, results, classifier }, null, 2);
}
