/**
 * The queue of a run, as its newest checkpoint holds it: how old its keys are, and of which images they are.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../../core/either.ts";
import { renderCheckpointError } from "../../checkpoint/errors.ts";
import type { Checkpoint } from "../../checkpoint/checkpoint.ts";
import { loadLatest } from "../../checkpoint/folder.ts";
import type { Config } from "../../config/types.ts";
import { dataDifference, digestOf } from "../../data/data_digest.ts";
import { epochOrder } from "../../data/shuffle.ts";
import type { Dataset, ImageFiles } from "../../data/types.ts";

/** A key of the queue. */
export type QueueKey = {
  /** Steps since it was made. */
  readonly age: number;
  /** The place of its image among the training images. */
  readonly image: number;
};

/** A key, and those of the queue that are most like it. */
export type QueueRow = QueueKey & { readonly nearest: readonly (QueueKey & { readonly similarity: number })[] };

/** A queue at a checkpoint. */
export type Queue = {
  /** Steps behind. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly perEpoch: number;
  /** Keys that it holds, and how many of them are of images. */
  readonly size: number;
  readonly real: number;
  /** Some keys, from the newest to the oldest. */
  readonly rows: readonly QueueRow[];
};

/** Keys that are shown, and the most like ones of each. */
const [ROWS, NEAREST] = [6, 7];

/**
 * Looks into the queue of the newest checkpoint in a run's folder.
 *
 * The rows of a queue are in the order of age, and the order of the images is a pure function of the seed. So the image
 * of every key is known, and nothing has to be embedded again.
 *
 * @param folder The run's folder.
 * @param config Its configuration.
 * @param train Its images.
 * @returns Left why there is nothing to look into, in words.
 */
export function queueOf(
  folder: string,
  config: Config,
  train: Dataset | ImageFiles,
): TaskEither<string, Queue> {
  return pipe(
    loadLatest(folder),
    TaskEither.mapLeft(renderCheckpointError),
    TaskEither.flatMapEither(({ checkpoint }) => inCheckpoint(checkpoint, config, train)),
  );
}

function inCheckpoint(
  { tensors, position: { step }, data }: Checkpoint,
  { training: { batch, seed } }: Config,
  train: Dataset | ImageFiles,
): Either<string, Queue> {
  const tensor = (name: string) => tensors.find((one) => one.name === name);
  const [keys, filled] = [tensor("queue.keys"), tensor("queue.filled")];
  if (keys?.dtype !== "F32" || keys.shape.length !== 2 || filled?.dtype !== "I32") {
    return Either.left("This method keeps no queue of keys.");
  }
  const difference = dataDifference(data, digestOf(train));
  if (difference !== undefined) {
    return Either.left(`The images are not those of the training: there are ${difference}.`);
  }
  const perEpoch = Math.floor(train.count / batch);
  const [size, dim] = keys.shape;
  const real = Math.min(new Int32Array(filled.data.slice().buffer)[0], size, step * batch);
  if (!(perEpoch > 0) || real < 2) return Either.left("The queue has no keys of images yet.");
  const values = new Float32Array(keys.data.slice().buffer);
  const key = keyAt({ step, perEpoch, batch, seed, count: train.count });
  const rows = Array.from({ length: Math.min(ROWS, real) }, (_, row, last = Math.min(ROWS, real) - 1) => {
    const back = Math.round(row * (real - 1) / last);
    const nearest = nearestRows(values, dim, size - real, size - 1 - back).map(({ row, similarity }) => ({
      ...key(size - 1 - row),
      similarity,
    }));
    return { ...key(back), nearest };
  });
  return Either.right({ step, perEpoch, size, real, rows });
}

/** The key that so many others are newer than. */
function keyAt(
  { step, perEpoch, batch, seed, count }: {
    readonly step: number;
    readonly perEpoch: number;
    readonly batch: number;
    readonly seed: number;
    readonly count: number;
  },
): (newer: number) => QueueKey {
  const orders = new Map<number, Uint32Array>();
  return (newer) => {
    const age = Math.floor(newer / batch);
    const made = step - 1 - age;
    const epoch = Math.floor(made / perEpoch);
    const order = orders.get(epoch) ?? epochOrder(seed, epoch, count);
    orders.set(epoch, order);
    return { age, image: order[(made % perEpoch) * batch + batch - 1 - newer % batch] };
  };
}

/** The rows that are most like one, by the product of unit vectors. */
function nearestRows(values: Float32Array, dim: number, first: number, row: number) {
  const own = values.subarray(row * dim, (row + 1) * dim);
  const found: { readonly row: number; readonly similarity: number }[] = [];
  for (let other = first; other * dim < values.length; other++) {
    if (other === row) continue;
    let similarity = 0;
    for (let at = 0; at < dim; at++) similarity += own[at] * values[other * dim + at];
    if (found.length === NEAREST && similarity <= found[NEAREST - 1].similarity) continue;
    found.push({ row: other, similarity });
    found.sort((a, b) => b.similarity - a.similarity);
    found.length = Math.min(found.length, NEAREST);
  }
  return found;
}
