/** Ten steps of MoCo v3 against PyTorch: see v3.py, v3_resnet.py and v3_vit.py. */
import { key as randomKey } from "../../src/core/random.ts";
import { dispose, scope } from "../../src/core/scope.ts";
import { map, type Tree } from "../../src/core/tree.ts";
import { jit, tf } from "../../src/engine/mod.ts";
import { createMocoV3, type MocoV3Config, type MocoV3State } from "../../src/methods/moco_v3.ts";
import { momentumSchedule } from "../../src/methods/momentum_schedule.ts";
import { batchNormHead } from "../../src/nn/heads.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import { vit } from "../../src/nn/vit.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { lars } from "../../src/optim/lars.ts";
import { cosine } from "../../src/optim/schedules.ts";
import type { Schedule } from "../../src/optim/types.ts";
import { assertClose } from "../support/close.ts";
import { assertGolden, type Golden, goldenTree, readGolden, replay } from "../support/golden.ts";

/**
 * The final tensors, as shares of their largest elements. PyTorch's own float32 run ends up to 0.7e-4 away from its
 * float64 run, and another CPU sums in another order: hence three times the 1e-4 of v1 and v2.
 */
const share = 3e-4;

/** What a tensor may hold that is zero by mathematics, such as the running mean behind a norm without offset. */
const floor = 1e-6;

const steps = 10;
const training = { epochs: 5, stepsPerEpoch: 2 };
const views = await readGolden("views");
const momentum = momentumSchedule({ base: 0.9, ...training });

type Case = {
  readonly name: string;
  readonly learningRate: Schedule;
  readonly config: Omit<MocoV3Config, "momentum" | "input">;
};

const resnetRate = cosine({ base: 0.5, ...training, per: "iteration", warmupEpochs: 1 });
const vitRate = cosine({ base: 0.005, ...training, per: "iteration", warmupEpochs: 1 });

const cases: readonly Case[] = [
  {
    name: "v3_resnet",
    learningRate: resnetRate,
    config: {
      backbone: resnet18({ width: 1 / 16, stem: "small", zeroInitResidual: true }),
      projector: batchNormHead({ layers: 2, hidden: 24, dimension: 16 }),
      predictor: batchNormHead({ layers: 2, hidden: 24, dimension: 16, lastNorm: false }),
      optimizer: lars({ learningRate: resnetRate, weightDecay: 1e-3, trust: 0.01 }),
      temperature: 1,
    },
  },
  ...(["frozen", "learned"] as const).map((stem): Case => ({
    name: `v3_vit_${stem}`,
    learningRate: vitRate,
    config: {
      backbone: vit({ dimension: 12, depth: 2, heads: 3, patch: 3, stem }),
      projector: batchNormHead({ layers: 3, hidden: 20, dimension: 16 }),
      predictor: batchNormHead({ layers: 2, hidden: 20, dimension: 16 }),
      optimizer: adamW({ learningRate: vitRate, weightDecay: 0.1, epsilon: 1e-4 }),
      temperature: 0.2,
    },
  })),
];

for (const { name, learningRate, config } of cases) {
  const method = createMocoV3({ ...config, momentum, input: [9, 9, 3] });
  // Eager steps take longer: one case is enough to tie the two together.
  const ways = { jit: jit(method.step), ...(name === "v3_resnet" ? { eager: method.step } : {}) };
  for (const [way, step] of Object.entries(ways)) {
    Deno.test(`10 steps of MoCo ${name} equal PyTorch's, ${way}: every loss and every final tensor`, async () => {
      const expected = await readGolden(`${name}_expected`);
      const start = initialState(method.init(randomKey(0)), await readGolden(`${name}_initial`));
      const state = replay(step, start, views, expected);
      const { query, key, predictor } = state;
      const { count: _, ...optimizer } = state.optimizer as { readonly [name: string]: Tree };
      for (const [part, tree] of Object.entries({ query, key, predictor, optimizer })) {
        assertGolden(tree, expected, part, share, floor);
      }
      dispose(state);
    });
  }

  Deno.test(`learning rate and momentum of ${name} are PyTorch's at every step`, async () => {
    const expected = await readGolden(`${name}_expected`);
    scope(() => {
      for (let index = 0; index < steps; index++) {
        const step = tf.scalar(index, "int32");
        assertClose(learningRate(step), expected.get("learning_rate")!.values[index], "elementwise", `rate ${index}`);
        assertClose(momentum(step), expected.get("momentum")!.values[index], "elementwise", `momentum ${index}`);
      }
    });
  });
}

/** The golden initial values in the structure of a fresh state; the optimizer's state stays fresh. */
function initialState(fresh: MocoV3State, golden: Golden): MocoV3State {
  const state = {
    ...map((leaf) => tf.clone(leaf), fresh),
    query: goldenTree(golden, "query", fresh.query),
    key: goldenTree(golden, "key", fresh.key),
    predictor: goldenTree(golden, "predictor", fresh.predictor),
  };
  dispose(fresh);
  return state;
}
