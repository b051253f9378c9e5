import { assert, assertEquals } from "@std/assert";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { rematerializesActivation } from "../../src/engine/compile/policy.ts";
import { hasGpu, op } from "../../src/engine/native/mod.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { scope } from "../../src/core/scope.ts";
import { key, normal } from "../../src/core/random.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { relu } from "../../src/nn/relu.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Layer, Network } from "../../src/nn/types.ts";
import { withBfloat16 } from "../support/bfloat16.ts";
import { assertClose } from "../support/close.ts";
import { passes } from "../support/gradients.ts";

const cases = [ // above 3 MiB, in each group
  ["direct convolution", [2, 160, 160, 64], 1],
  ["Winograd's convolution", [800, 8, 8, 128], 1],
  ["two groups", [2, 160, 160, 64], 2],
] as const;

for (const [way, shape, groups] of cases) {
  Deno.test(`gradients through activations that are made again are those through kept ones (${way})`, () => {
    scope(() => {
      const channels = shape[3];
      const layers = sequential({
        norm: batchNorm(),
        relu: relu(),
        conv: conv({ channels, size: 3, padding: 1 }),
      });
      const devices = virtualDevices(groups);
      const net: Layer = { ...layers, apply: (network, x, mode) => layers.apply(network, x, { ...mode, devices }) };
      const { params, buffers } = net.init(key(0), shape.slice(1)).network;
      const moved = {
        ...params,
        norm: { weight: normal(key(3), [channels], 1, 0.2), bias: normal(key(4), [channels]) },
      };
      const x = normal(key(1), shape, 3, 2);
      const dy = normal(key(2), shape, 0, 0.01);
      const run = (network: Network, x: Tensor, dy: Tensor) => {
        const { dParams, dx } = passes(net, network, x, dy);
        return { dParams, dx: tf.slice(dx, [0, 0, 0, 0], [2, 8, 8, -1]) };
      };
      const network = { params: moved, buffers };
      const [kept, made] = [run(network, x, dy), jit(run)(network, x, dy)];
      // Sums over 51,200 pixels, in another order.
      assertClose(made, kept, { relative: 1e-4, absolute: 2e-3 });
    });
  });
}

Deno.test("an activation is made again from 3 MiB on in float32, from 8 MiB on in bfloat16, with 64 channels", () => {
  const found: boolean[] = [];
  const f = jit((x: Tensor) => {
    const half = (x: Tensor) => op("Cast", [x], { DstT: "bfloat16" })[0];
    const asked = (numbers: number, channels = 64) => tf.zeros([numbers / channels, channels]);
    const [full, halved] = [3 * 2 ** 18, 2 ** 22];
    found.push(...[asked(full), asked(full - 64), asked(full, 32)].map(rematerializesActivation));
    found.push(...[asked(halved), asked(halved - 64), asked(halved, 32)].map(half).map(rematerializesActivation));
    return x;
  }, { precision: "bfloat16" });
  scope(() => withBfloat16("always", () => f(tf.zeros([1]))));
  assertEquals(found, hasGpu() ? Array(6).fill(false) : [true, false, false, true, false, false]);
});

// Of the results of each layer one is kept, which is as large as the input; some more are on their way.
for (
  const [layers, onTheirWay] of [["batch-norm", 6], ["grouped", 8], ["widening", 16], ["gelu", 8], [
    "pooling",
    9,
  ]] as const
) {
  Deno.test({
    name: `what is made again is not kept for the gradient (${layers})`,
    // It is read from Linux's /proc, and a GPU's memory does not show there.
    ignore: Deno.build.os !== "linux" || Deno.env.get("MOCO_TEST_DEVICE") === "gpu",
    fn: async () => {
      const script = new URL("../support/rematerialize_memory.ts", import.meta.url).pathname;
      const { stdout } = await new Deno.Command("deno", { args: ["run", "--no-check", "-A", script, layers] }).output();
      const { taken, activation, layers: depth } = JSON.parse(new TextDecoder().decode(stdout));
      const most = (depth + onTheirWay) * activation;
      assert(taken > depth * activation, `${taken} MiB are less than what has to be kept`);
      assert(taken < most, `expected at most ${most} MiB, found ${taken}`);
    },
  });
}
