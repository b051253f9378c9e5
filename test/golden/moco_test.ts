/** Twenty steps of MoCo against PyTorch: see v1.py and v2.py. */
import { virtualDevices } from "../../src/core/devices.ts";
import { key } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { map } from "../../src/core/tree.ts";
import { jit, tf } from "../../src/engine/mod.ts";
import { createMoco, type MocoConfig, type MocoState } from "../../src/methods/moco.ts";
import { linearHead, mlpHead } from "../../src/nn/heads.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import { cosine, stepDecay } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Schedule } from "../../src/optim/types.ts";
import { assertClose } from "../support/close.ts";
import { assertGolden, type Golden, goldenTree, readGolden, replay } from "../support/golden.ts";

const steps = 20;
const stepsPerEpoch = 5;
const views = await readGolden("views");

type Case = {
  readonly name: string;
  readonly initial: string;
  readonly head: MocoConfig["head"];
  readonly learningRate: Schedule;
  readonly rest: Pick<MocoConfig, "queueSize" | "momentum" | "temperature" | "symmetric">;
};

const v2 = {
  initial: "v2_initial",
  head: mlpHead(16),
  learningRate: cosine({ base: 0.02, epochs: 4, stepsPerEpoch }),
};

const cases: readonly Case[] = [
  {
    name: "v1",
    initial: "v1_initial",
    head: linearHead(16),
    learningRate: stepDecay({ base: 0.02, milestones: [2, 3], stepsPerEpoch }),
    rest: { queueSize: 24, momentum: 0.9, temperature: 0.07 },
  },
  { ...v2, name: "v2", rest: { queueSize: 48, momentum: 0.99, temperature: 0.2 } },
  { ...v2, name: "v2_symmetric", rest: { queueSize: 48, momentum: 0.99, temperature: 0.2, symmetric: true } },
];

for (const { name, initial, head, learningRate, rest } of cases) {
  const method = createMoco({
    backbone: resnet18({ width: 1 / 16, stem: "small" }),
    head,
    input: [9, 9, 3],
    optimizer: sgd({ learningRate, momentum: 0.9, weightDecay: 1e-3 }),
    devices: virtualDevices(2),
    ...rest,
  });
  // Eager steps take ten times as long: one case is enough to tie the two together.
  const ways = { jit: jit(method.step), ...(name === "v1" ? { eager: method.step } : {}) };
  for (const [way, step] of Object.entries(ways)) {
    Deno.test(`20 steps of MoCo ${name} equal PyTorch's, ${way}: every loss and every final tensor`, async () => {
      const expected = await readGolden(`${name}_expected`);
      const start = initialState(method.init(key(0)), await readGolden(initial));
      const state = replay(step, start, views, expected);
      assertGolden(state.query, expected, "query");
      assertGolden(state.key, expected, "key");
      assertGolden(state.queue, expected, "queue");
      assertGolden(state.optimizer, expected, "optimizer");
      dispose(state);
    });
  }

  Deno.test(`the learning rates of ${name} are PyTorch's at every step`, async () => {
    const expected = (await readGolden(`${name}_expected`)).get("learning_rate")!.values;
    scope(() => {
      for (let index = 0; index < steps; index++) {
        assertClose(learningRate(tf.scalar(index, "int32")), expected[index], "elementwise", `rate of step ${index}`);
      }
    });
  });
}

/** The golden initial values in the structure of a fresh state; the optimizer's state stays fresh. */
function initialState(fresh: MocoState, golden: Golden): MocoState {
  const state = {
    ...map((leaf) => tf.clone(leaf), fresh),
    query: goldenTree(golden, "query", fresh.query),
    key: goldenTree(golden, "key", fresh.key),
    queue: goldenTree(golden, "queue", fresh.queue),
  };
  dispose(fresh);
  return state;
}
