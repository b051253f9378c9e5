/**
 * Saves checkpoints without end, one a step, and prints each step once it is saved: a program to kill.
 *
 * @module
 */
import { listCheckpoints, saveStep, stepOf } from "../../src/checkpoint/folder.ts";
import { right } from "./either.ts";

const [folder] = Deno.args;
const newest = right(await listCheckpoints(folder)())[0];
for (let step = newest === undefined ? 1 : stepOf(newest)! + 1;; step++) {
  const tensors = ["a", "b"].map((name) => ({
    name,
    dtype: "I32",
    shape: [50_000],
    read: () => new Uint8Array(new Int32Array(50_000).fill(step).buffer),
  } as const));
  const about = { config: {}, position: { epoch: 0, batch: 0, step }, metrics: {} };
  right(await saveStep(folder, tensors, about, { last: 2, best: step % 2 === 0 })());
  console.log(step);
}
