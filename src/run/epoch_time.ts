/**
 * How many epochs fit into a time on this machine.
 *
 * @module
 */
import { buildMethod, buildViews, viewShape } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import { dispose } from "../core/scope.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Batch, Batches, Dataset, ImageFiles } from "../data/types.ts";
import type { Crops } from "../augment/types.ts";
import { freshState } from "../train/fresh_state.ts";
import { trainStep } from "../train/train_step.ts";

/** Steps that are timed, after one that compiles and one that warms up. */
const timed = 8;

/** Seconds that an epoch takes, estimated from a few steps whose state is thrown away. The batches are closed. */
export function secondsPerEpoch(
  config: Config,
  images: Dataset | ImageFiles,
  batches: Batches<Iterable<Batch<Tensor | Crops>>>,
): number {
  const method = buildMethod(config, viewShape(config, images.channels), batches.perEpoch, images.count);
  const step = trainStep(method, buildViews(config), { ...config.training, takesState: true });
  let state = freshState(method, config.training.seed);
  let steps = 0;
  let since = 0;
  try {
    for (let epoch = 0; steps < 2 + timed; epoch++) { // an epoch of few images has few steps
      for (const batch of batches.epoch(epoch)) {
        const next = step(state, batch);
        next.metrics.loss.dataSync(); // waits for the step
        dispose({ batch, metrics: next.metrics });
        state = next.state;
        steps++;
        if (steps === 2) since = performance.now();
        if (steps === 2 + timed) break;
      }
    }
  } finally {
    dispose(state);
    batches.close?.();
  }
  const seconds = (performance.now() - since) / 1000;
  return seconds / timed * batches.perEpoch;
}

/** The number of epochs that fit into some minutes, at least one. */
export function epochsWithin(minutes: number, secondsPerEpoch: number): number {
  return Math.max(1, Math.floor(minutes * 60 / secondsPerEpoch));
}
