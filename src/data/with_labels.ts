import { type Tensor, tf } from "../engine/mod.ts";
import { gatherRows } from "../engine/ops/mod.ts";
import type { Crops } from "../augment/types.ts";
import { dispose } from "../core/scope.ts";
import type { AnyIterable, Batch, Batches } from "./types.ts";

/**
 * The same batches, each with the labels of its images.
 *
 * @param batches The batches of a data set.
 * @param labels The class of each image of the data set, [count].
 */
export function withLabels<I extends Tensor | Crops>(
  batches: Batches<AnyIterable<Batch<I>>>,
  labels: ArrayLike<number>,
): Batches<AsyncGenerator<Batch<I>, void, undefined>> {
  return {
    ...batches,
    async *epoch(epoch, from) {
      const all = tf.tensor1d(Int32Array.from(labels), "int32");
      try {
        for await (const batch of batches.epoch(epoch, from)) {
          yield { ...batch, labels: gatherRows(all, batch.index) };
        }
      } finally {
        dispose(all);
      }
    },
  };
}
