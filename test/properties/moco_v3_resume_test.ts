import { assertEquals } from "@std/assert";
import { join } from "node:path";
import fc from "fast-check";
import { loadCheckpoint, saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { restore, tensorsOf } from "../../src/checkpoint/state.ts";
import { foldIn, key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { jit } from "../../src/engine/mod.ts";
import type { MocoV3State } from "../../src/methods/moco_v3.ts";
import { accumulate } from "../../src/optim/accumulate.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { lars } from "../../src/optim/lars.ts";
import { seeds } from "../support/arbitraries.ts";
import { right } from "../support/either.ts";
import { bytesOf } from "../support/step_laws.ts";
import { tinyMocoV3 } from "../support/tiny_moco_v3.ts";

const options = {
  momentum: 0.9,
  temperature: 0.2,
  groups: 2,
  sgd: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 },
};

const optimizers = {
  LARS: lars({ learningRate: 0.5, weightDecay: 0.01, trust: 0.1 }),
  "AdamW, in the middle of an accumulation": accumulate(adamW({ learningRate: 0.1 }), 2),
};

for (const [name, optimizer] of Object.entries(optimizers)) {
  const method = tinyMocoV3({ features: 3, hidden: 4, dimension: 3 }, options, optimizer);
  const step = jit(method.step);

  /** Steps `from` ... `to - 1`, each on views that follow from the state's key, as in training. */
  const advance = (state: MocoV3State, from: number, to: number): MocoV3State =>
    scope(() => {
      let current = state;
      for (let index = from; index < to; index++) {
        const [query, view] = [0, 1].map((view) => normal(foldIn(current.random, view), [8, 3]));
        current = step(current, { query, key: view }).state;
      }
      return current;
    });

  Deno.test(`10 steps of v3 equal 5 steps, save, load, 5 steps, bit for bit: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const start = method.init(key(seed));
          const whole = advance(start, 0, 10);

          const half = advance(start, 0, 5);
          const path = join(folder, `${seed}.safetensors`);
          const about = { config: {}, position: { epoch: 0, batch: 5, step: 5 }, metrics: {} };
          right(await saveCheckpoint(path, tensorsOf(half), about)());
          const template = method.init(key(seed + 1)); // other values: nothing may come from it but the structure
          const loaded = right(restore(template, right(await loadCheckpoint(path)())));
          assertEquals(bytesOf(loaded), bytesOf(half));
          const resumed = advance(loaded, 5, 10);

          assertEquals(bytesOf(resumed), bytesOf(whole));
          [start, whole, half, template, loaded, resumed].forEach(dispose);
        }),
        { numRuns: 3 },
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
