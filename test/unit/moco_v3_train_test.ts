import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { foldIn, key, normal, split } from "../../src/core/random.ts";
import { dispose, liveTensors, scope } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { readBytes, tf } from "../../src/engine/mod.ts";
import type { MocoV3State } from "../../src/methods/moco_v3.ts";
import { lars } from "../../src/optim/lars.ts";
import { parseMetrics } from "../../src/train/metrics_log.ts";
import { pretrain } from "../../src/train/pretrain.ts";
import type { Pretraining } from "../../src/train/types.ts";
import { right } from "../support/either.ts";
import { tinyMocoV3 } from "../support/tiny_moco_v3.ts";

const method = tinyMocoV3({ features: 4, hidden: 4, dimension: 3 }, {
  momentum: 0.9,
  temperature: 0.2,
  groups: 1,
  sgd: { learningRate: 0, momentum: 0, weightDecay: 0 },
}, lars({ learningRate: 1, trust: 0.05 }));

/** A run over batches of 8 samples, whose views are the samples with noise. */
function run(folder: string): Pretraining<MocoV3State> {
  return {
    method,
    views: (from, samples) => {
      const [query, view] = split(from).map((draw) => tf.add(samples, normal(draw, samples.shape, 0, 0.1)));
      return { query, key: view };
    },
    batches: {
      size: 8,
      perEpoch: 4,
      *epoch(epoch, from = 0) {
        for (let batch = from; batch < 4; batch++) {
          yield scope(() => ({ images: normal(foldIn(key(epoch), batch), [8, 4]), index: tf.range(0, 8, 1, "int32") }));
        }
      },
    },
    folder,
    evaluate: (state) => scope(() => ({ knn: method.features(state, tf.ones([2, 4])).shape[1]! / 4 })),
    config: {
      training: {
        epochs: 6,
        seed: 3,
        precision: "float32",
        jit: true,
        checkpointEvery: 1,
        keep: 2,
        evaluateEvery: 3,
        logEvery: 2,
      },
    },
  };
}

const bytesOf = (tree: Tree) => Object.fromEntries(entries(tree).map(([path, leaf]) => [path, readBytes(leaf)]));

Deno.test("pretrain takes v3 as any method: it learns, logs, evaluates, and goes on where it was interrupted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const before = liveTensors();
    const whole = right(await pretrain(run(join(folder, "whole")))());
    const log = parseMetrics(await Deno.readTextFile(join(folder, "whole", "metrics.jsonl")));
    const metrics = log.flatMap(({ metrics }) => metrics === undefined ? [] : [metrics]);
    assert(metrics.at(-1)!.loss < metrics[0].loss, `${metrics[0].loss} to ${metrics.at(-1)!.loss}`);
    assert(metrics[0]["gradientNorm.backbone.first"] > 0);
    assertEquals(whole.evaluation, { knn: 1 });

    let steps = 0;
    const first = right(await pretrain({ ...run(join(folder, "parts")), interrupted: () => ++steps === 7 })());
    assertEquals(first._tag, "Interrupted");
    dispose(first.state);
    const second = right(await pretrain({ ...run(join(folder, "parts")), resume: true })());
    assertEquals(bytesOf(second.state), bytesOf(whole.state));
    dispose(second.state);
    dispose(whole.state);
    assertEquals(liveTensors(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
