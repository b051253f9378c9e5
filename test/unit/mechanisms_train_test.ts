import { assert, assertEquals } from "@std/assert";
import { split, uniform } from "../../src/core/random.ts";
import { dispose, liveTensors } from "../../src/core/scope.ts";
import { tf, toFloat } from "../../src/engine/mod.ts";
import { batches } from "../../src/data/loader.ts";
import { epochOrder } from "../../src/data/shuffle.ts";
import type { MemoryBankState } from "../../src/methods/memory_bank.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import type { Pretraining } from "../../src/train/types.ts";
import { right } from "../support/either.ts";
import { bytesOf } from "../support/step_laws.ts";
import { tinyMemoryBank } from "../support/tiny_mechanisms.ts";

/** 22 images of 2x2 pixels, all different. */
const images = Uint8Array.from({ length: 22 * 4 }, (_, i) => (i * 97) % 256);
const dataset = { name: "noise", images, count: 22, height: 2, width: 2, channels: 1 };

const method = tinyMemoryBank({ features: 4, hidden: 6, dimension: 3, images: 22, negatives: 10 }, {
  momentum: 0.5,
  temperature: 0.2,
  groups: 1,
  sgd: { learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
});

/** A run over batches of 8 of them, two an epoch, whose views are the images with noise. */
function run(folder: string, jit = true): Pretraining<MemoryBankState> {
  return {
    method,
    views: (from, images) => {
      const rows = tf.reshape(toFloat(images), [-1, 4]);
      const [query, key] = split(from).map((draw) => tf.add(tf.div(rows, 128), uniform(draw, rows.shape, 0, 0.1)));
      return { query, key };
    },
    batches: batches({ dataset, batch: 8, seed: 3 }),
    folder,
    config: {
      training: {
        epochs: 20,
        seed: 3,
        precision: "float32",
        jit,
        checkpointEvery: 10,
        keep: 2,
        evaluateEvery: 0,
        logEvery: 1,
      },
    },
  };
}

Deno.test("a run with a memory bank learns, remembers the images it saw, and goes on where it was interrupted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const before = liveTensors();
    const whole = right(await pretrain(run(`${folder}/whole`))());
    const metrics = parseMetrics(await Deno.readTextFile(`${folder}/whole/metrics.jsonl`))
      .flatMap(({ metrics }) => metrics === undefined ? [] : [metrics]);
    assert(metrics.at(-1)!.loss < metrics[0].chance, `${metrics[0].chance} to ${metrics.at(-1)!.loss}`);
    const shares = metrics.slice(0, 3).map(({ realKeys }) => Math.round(22 * realKeys));
    assertEquals(shares, [0, 8, 16]); // before each step: an epoch visits 16 images, none of them twice

    let steps = 0;
    const first = right(await pretrain({ ...run(`${folder}/parts`), interrupted: () => ++steps === 7 })());
    assertEquals(first._tag, "Interrupted");
    dispose(first.state);
    const second = right(await pretrain({ ...run(`${folder}/parts`), resume: true })());
    assertEquals(bytesOf(second.state), bytesOf(whole.state));
    dispose(second.state);
    dispose(whole.state);
    assertEquals(liveTensors(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compiled or not, the rows that a run moves are those of the images in its batches", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const jit of [true, false]) {
      const parts = run(`${folder}/${jit}`, jit);
      const { state } = right(await pretrain({ ...parts, interrupted: () => true })()); // one step
      const seen = [...state.bank.seen.dataSync()].flatMap((seen, image) => seen ? [image] : []);
      assertEquals(seen, [...epochOrder(3, 0, dataset.count).subarray(0, 8)].sort((a, b) => a - b));
      dispose(state);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
