import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { loadCheckpoint, saveCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { restore, tensorsOf } from "../../src/checkpoint/state.ts";
import { foldIn, key, normal } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { jit, readBytes } from "../../src/engine/mod.ts";
import type { MocoState } from "../../src/moco/state.ts";
import { seeds } from "../support/arbitraries.ts";
import { right } from "../support/either.ts";
import { tinyMoco } from "../support/tiny_moco.ts";

const method = tinyMoco({ features: 3, hidden: 4, dimension: 3, queue: 20 }, {
  momentum: 0.9,
  temperature: 0.2,
  groups: 2,
  symmetric: false,
  sgd: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 },
});
const step = jit(method.step);

/** Steps `from` ... `to - 1`, each on views that follow from its number; the permutations come from the state. */
function advance(state: MocoState, from: number, to: number): MocoState {
  return scope(() => {
    let current = state;
    for (let index = from; index < to; index++) {
      const at = foldIn(key(99), index);
      current = step(current, { query: normal(foldIn(at, 0), [8, 3]), key: normal(foldIn(at, 1), [8, 3]) }).state;
    }
    return current;
  });
}

function bytesOf(tree: Tree): Record<string, string> {
  return Object.fromEntries(entries(tree).map(([path, leaf]) => [path, readBytes(leaf).toString()]));
}

Deno.test("10 steps equal 5 steps, save, load, 5 steps, bit for bit: queue, velocity and random key included", async () => {
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
      { numRuns: 5 },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
