/**
 * Prints how much memory the compiled gradient through some layers takes, in MiB above what the process had, beside the
 * size of one of their activations. The argument says which layers: `batch-norm`, with ReLU and convolution; `grouped`,
 * the same in two groups; `widening`, with convolutions to more channels and back; `gelu`, with products; or `pooling`,
 * with batch norm and ReLU.
 *
 * @module
 */
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { key, normal } from "../../src/core/random.ts";
import { leaves } from "../../src/core/tree.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { dense } from "../../src/nn/dense.ts";
import { gelu } from "../../src/nn/gelu.ts";
import { maxPool } from "../../src/nn/pool.ts";
import { relu } from "../../src/nn/relu.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Layer, Params } from "../../src/nn/types.ts";

const depth = 8;
const shape = [17, 64, 128, 64]; // 34 MiB
const narrow = [17, 64, 128, 16]; // 8.5 MiB
const tokens = [17, 8192, 64];

const normalized = (index: number): Record<string, Layer> => ({
  [`norm${index}`]: batchNorm(),
  [`relu${index}`]: relu(),
  [`conv${index}`]: conv({ channels: 64, size: 1 }),
});

type Example = {
  readonly layer: (index: number) => Record<string, Layer>;
  readonly input: number[];
  /** The groups of batch norm. Default 1. */
  readonly groups?: number;
};

/** Layers whose results are made again, each before one whose gradient reads them. */
const networks: Record<string, Example> = {
  "batch-norm": { layer: normalized, input: shape },
  "grouped": { layer: normalized, input: [18, 64, 128, 64], groups: 2 },
  "widening": {
    layer: (index) => ({
      [`wide${index}`]: conv({ channels: 64, size: 1 }),
      [`norm${index}`]: batchNorm(),
      [`relu${index}`]: relu(),
      [`narrow${index}`]: conv({ channels: 16, size: 1 }),
    }),
    input: narrow,
  },
  "gelu": {
    layer: (index) => ({ [`gelu${index}`]: gelu(), [`dense${index}`]: dense({ features: 64 }) }),
    input: tokens,
  },
  "pooling": {
    layer: (index) => ({
      [`norm${index}`]: batchNorm(),
      [`relu${index}`]: relu(),
      [`pool${index}`]: maxPool({ size: 3, stride: 1, padding: 1 }),
    }),
    input: shape,
  },
};
const { layer, input, groups } = networks[Deno.args[0]];
const net = sequential(Object.assign({}, ...Array.from({ length: depth }, (_, index) => layer(index))));
const { params, buffers } = net.init(key(0), input.slice(1)).network;
const gradient = jit((params: Params, x: Tensor) =>
  valueAndGrad((params) => {
    const { output } = net.apply({ params, buffers }, x, { training: true, devices: virtualDevices(groups) });
    return { loss: tf.sum(tf.square(output)), aux: {} };
  }, params).gradients
);
const x = normal(key(1), input);
x.dataSync();
const before = highWater();
leaves(gradient(params, x))[0].dataSync();
console.log(JSON.stringify({ taken: highWater() - before, activation: 4 * x.size / 2 ** 20, layers: depth }));

function highWater(): number {
  return Number(Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s*(\d+) kB$/m)![1]) / 1024;
}
