import type { Position } from "../checkpoint/checkpoint.ts";
import type { AnyIterable, Batch, Batches } from "../data/types.ts";
import type { Crops } from "../augment/types.ts";
import type { Tensor } from "../engine/mod.ts";

/**
 * The batches from a position to the end of the last epoch. Whoever takes one frees it.
 *
 * @param batches The batches of each epoch.
 * @param position The batch that comes first.
 * @param epochs The epochs of the whole run.
 * @throws {RangeError} if an epoch has another number of batches than it should.
 */
export async function* batchesFrom<I extends Tensor | Crops>(
  batches: Batches<AnyIterable<Batch<I>>>,
  position: Position,
  epochs: number,
): AsyncGenerator<Batch<I>, void, undefined> {
  const { perEpoch } = batches;
  for (let { epoch, batch } = position; epoch < epochs; epoch++, batch = 0) {
    let taken = batch;
    for await (const next of batches.epoch(epoch, batch)) {
      taken++;
      yield next;
    }
    if (taken !== perEpoch) {
      throw new RangeError(`Cannot train: expected ${perEpoch} batches in epoch ${epoch}, found ${taken}`);
    }
  }
}
