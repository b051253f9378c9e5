/**
 * Steps of the end-to-end mechanism, of SimCLR and of the memory bank against PyTorch: see end_to_end.py, simclr.py and
 * memory_bank.py.
 */
import { virtualDevices } from "../../src/core/devices.ts";
import { key as randomKey } from "../../src/core/random.ts";
import { dispose, release } from "../../src/core/scope.ts";
import type { Tree } from "../../src/core/tree.ts";
import { jit, type Tensor } from "../../src/engine/mod.ts";
import type { Bank } from "../../src/methods/bank.ts";
import { createEndToEnd } from "../../src/methods/end_to_end.ts";
import { createMemoryBank } from "../../src/methods/memory_bank.ts";
import { createSimclr } from "../../src/methods/simclr.ts";
import type { Method } from "../../src/methods/types.ts";
import { mlpHead } from "../../src/nn/heads.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import type { Network } from "../../src/nn/types.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { assertGolden, type Golden, goldenTree, readGolden, replay } from "../support/golden.ts";

/**
 * The final tensors, as shares of their largest elements. At these rates PyTorch's own float32 run of SimCLR ends
 * 0.9e-4 away from its float64 run: hence three times the 1e-4 of v1 and v2.
 */
const share = 3e-4;

const views = await readGolden("views");
const common = {
  backbone: resnet18({ width: 1 / 16, stem: "small" }),
  head: mlpHead(16),
  input: [9, 9, 3],
  temperature: 0.05,
  devices: virtualDevices(2),
};
const optimizer = (learningRate: number) => sgd({ learningRate, momentum: 0.9, weightDecay: 1e-3 });

type State = {
  readonly step: Tensor;
  readonly query: Network;
  readonly key?: Network;
  readonly bank?: Bank;
  readonly optimizer: Tree;
  readonly random: Tensor;
};

/** Steps from the networks that v2's golden case begins with. */
async function check<S extends State & Tree>(name: string, method: Method<S>): Promise<void> {
  const [initial, expected] = [await readGolden("v2_initial"), await readGolden(`${name}_expected`)];
  const fresh = method.init(randomKey(0));
  const start: S = {
    ...fresh,
    query: goldenTree(initial, "query", fresh.query),
    ...(fresh.key === undefined ? {} : { key: goldenTree(initial, "key", fresh.key) }),
  };
  release(fresh, start);
  const brought: Golden = new Map([...views, ...expected]);
  const state = replay(jit(method.step), start, brought, expected);
  assertGolden(state.query, expected, "query", share);
  if (state.key !== undefined) assertGolden(state.key, expected, "key", share);
  if (state.bank !== undefined) assertGolden({ keys: state.bank.keys }, expected, "bank", share);
  assertGolden(state.optimizer, expected, "optimizer", share);
  dispose(state);
}

Deno.test("5 end-to-end steps equal PyTorch's: every loss and every final tensor of both encoders", () =>
  check("end_to_end", createEndToEnd({ ...common, optimizer: optimizer(0.05) })));

Deno.test("5 steps of SimCLR equal PyTorch's: every loss and every final tensor", () =>
  check("simclr", createSimclr({ ...common, optimizer: optimizer(0.2) })));

Deno.test("9 steps with a memory bank equal PyTorch's: every loss, every final tensor and every stored key", () =>
  check(
    "memory_bank",
    createMemoryBank({
      ...{ ...common, temperature: 0.1, optimizer: optimizer(0.05) },
      ...{ images: 24, negatives: 12, momentum: 0.5 },
    }),
  ));
