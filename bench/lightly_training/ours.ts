/**
 * This library's training by `recipe.json`, measured from its checkpoints.
 *
 * @module
 */
import { join } from "node:path";
import { Either } from "../../src/core/either.ts";
import { dispose, engineInfo, evaluate, renderRunError, train } from "../../mod.ts";
import { silent } from "../../src/train/progress.ts";
import recipe from "./recipe.json" with { type: "json" };
import type { Point, Request, Trained } from "./types.ts";

/** Trains from scratch. The folder must not hold a run. */
export async function trainOurs({ path, limit, epochs, every, seed, precision, out }: Request): Promise<Trained> {
  let began = 0;
  const trained = await train({
    out,
    method: {
      ...{ name: "moco", head: "mlp", queue: recipe.queue, dimension: recipe.dimension, momentum: recipe.momentum },
      // Lightly has no groups of batch norm: one group is the same recipe.
      ...{ temperature: recipe.temperature, groups: 1, shuffle: false },
    },
    encoder: { name: "resnet18", width: recipe.width, stem: "small" },
    optimizer: {
      ...{ name: "sgd", learningRate: recipe.learningRate, momentum: recipe.velocity },
      ...{ weightDecay: recipe.weightDecay, schedule: "cosine", schedulePer: "epoch", warmupEpochs: 0 },
    },
    augment: {
      ...{ recipe: "v2", size: recipe.size, cropScale: recipe.cropScale as [number, number], blurProbability: 0 },
      ...{ mean: recipe.mean, std: recipe.std },
    },
    data: { name: "folder", path, ...limit === undefined ? {} : { limit } },
    training: {
      ...{ epochs, seed, precision, batch: recipe.batch, evaluateEvery: 0, logEvery: 10 },
      ...{ checkpointEvery: every, checkpointMinutes: 0, keep: epochs },
    },
    reporter: { ...silent, note: console.error },
    interrupt: () => {
      began = Date.now(); // just before the first step
      return { requested: () => false, close: () => {} };
    },
  })();
  if (Either.isLeft(trained)) throw new Error(renderRunError(trained.left));
  dispose(trained.right.outcome.state);
  const points: Point[] = [];
  for await (const { name } of Deno.readDir(join(out, "checkpoints"))) {
    if (!name.startsWith("step-")) continue;
    const path = join(out, "checkpoints", name);
    const measured = await evaluate({ run: path })();
    if (Either.isLeft(measured)) throw new Error(renderRunError(measured.left));
    const { checkpoint: { position }, results: [{ knn, linear }] } = measured.right;
    const { mtime } = await Deno.stat(path);
    const seconds = (mtime!.getTime() - began) / 1000;
    points.push({ epoch: position.epoch, seconds, knn: knn.top1, linear: linear!.top1 });
  }
  return {
    points: points.toSorted((a, b) => a.epoch - b.epoch),
    versions: { deno: Deno.version.deno, tensorflow: engineInfo().tensorflow },
  };
}
