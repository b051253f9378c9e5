import { assert, assertEquals } from "@std/assert";
import { viewBatches } from "../../src/data/view_batches.ts";
import type { Crops } from "../../src/augment/types.ts";
import { type Tensor, tf, toFloat } from "../../src/engine/mod.ts";
import type { Key } from "../../src/core/random.ts";
import type { Method } from "../../src/methods/types.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import { right } from "../support/either.ts";
import { png, withFiles } from "../support/image_files.ts";

/** A method whose state is a running sum that depends on the order of everything it saw. */
const method: Method<{ readonly random: Key; readonly sum: Tensor }> = {
  init: (random) => ({ random, sum: tf.scalar(0) }),
  step: ({ random, sum }, { query, key, index }) => {
    const seen = tf.add(tf.add(tf.sum(query), tf.mul(tf.sum(key), 0.5)), tf.sum(toFloat(index!)));
    return {
      state: { random: tf.clone(random), sum: tf.add(tf.mul(sum, 0.75), seen) },
      metrics: { loss: tf.clone(sum) },
    };
  },
  features: (_, images) => images,
};

Deno.test("a training on files that is interrupted in the middle of an epoch and goes on ends as one that is not", () => {
  const files = Object.fromEntries(Array.from({ length: 14 }, (_, index) => {
    const whole = png(Array.from({ length: 9 * 7 * 3 }, (_, n) => (n * 11 + index * 37) % 256), 9, 7);
    return [`${index}.png`, index % 5 === 2 ? whole.subarray(0, whole.length - 30) : whole]; // some are damaged
  }));
  return withFiles(files, async (folder) => {
    const law = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] } as const;
    const paths = Object.keys(files).map((name) => `${folder}/${name}`);
    const train = async (out: string, threads: number, until = Infinity, resume = false) => {
      const batches = viewBatches({
        ...{ source: { name: "some", paths }, batch: 4, seed: 5, size: 6, boxes: [law, law] as const, threads },
      });
      let asked = 0;
      const ended = right(
        await pretrain({
          method,
          batches,
          views: (_: Key, { query, key }: Crops) => ({ query: toFloat(query), key: toFloat(key) }),
          config: {
            training: {
              ...{ epochs: 3, seed: 0, precision: "float32", jit: false },
              ...{ checkpointEvery: 1, keep: 1, evaluateEvery: 0, logEvery: 1 },
            },
          },
          folder: `${folder}/${out}`,
          resume,
          interrupted: () => ++asked >= until,
        })(),
      );
      batches.close();
      return { ...ended, sum: ended.state.sum.dataSync()[0] };
    };
    const whole = await train("whole", 2);
    const stopped = await train("parts", 1, 5);
    assertEquals([stopped._tag, stopped.position.batch], ["Interrupted", 2]); // of three
    const resumed = await train("parts", 3, Infinity, true);
    assertEquals([resumed._tag, resumed.sum], ["Finished", whole.sum]);
    assert(stopped.sum !== whole.sum);
  });
});
