import { counted } from "../core/counted.ts";
import { renderClasses, renderResults } from "../report/results_text.ts";
import type { Evaluated } from "./evaluate.ts";

/**
 * What an evaluation found, for a terminal.
 *
 * @param evaluated What it found.
 * @param classes Whether the accuracy of each class is shown too.
 */
export function renderEvaluated({ checkpoint, images, results }: Evaluated, classes: boolean): string {
  const { path, position: { step, epoch } } = checkpoint;
  return [
    `${path}: step ${step}, epoch ${epoch}`,
    `${counted(images.train.count, "labelled training image")}, ${counted(images.test.count, "test image")}`,
    `\n${renderResults(results)}`,
    ...classes ? [`\n${renderClasses(results[0])}`] : [],
  ].join("\n");
}

/** What an evaluation found, as JSON. */
export function evaluatedJson({ checkpoint: { path, position }, config, images, results }: Evaluated): string {
  const data = { name: config.data.name, train: images.train.count, test: images.test.count };
  return JSON.stringify({ checkpoint: path, position, data, results }, null, 2);
}
