/**
 * Prints how much memory the compiled gradient through some layers of batch norm, ReLU and convolution takes, in MiB above
 * what the process had, beside the size of one of their activations.
 *
 * @module
 */
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { key, normal } from "../../src/core/random.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { conv } from "../../src/nn/conv.ts";
import { relu } from "../../src/nn/relu.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Params } from "../../src/nn/types.ts";

const shape = [17, 64, 128, 64]; // 34 MiB
const layers = Array.from({ length: 8 }, (_, index) =>
  [
    [`norm${index}`, batchNorm()],
    [`relu${index}`, relu()],
    [`conv${index}`, conv({ channels: 64, size: 1 })],
  ] as const);
const net = sequential(Object.fromEntries(layers.flat()));
const { params, buffers } = net.init(key(0), shape.slice(1)).network;
const gradient = jit((params: Params, x: Tensor) =>
  valueAndGrad((params) => {
    const { output } = net.apply({ params, buffers }, x, { training: true });
    return { loss: tf.sum(tf.square(output)), aux: {} };
  }, params).gradients
);
const x = normal(key(1), shape);
x.dataSync();
const before = highWater();
(gradient(params, x).norm0 as Params & { readonly weight: Tensor }).weight.dataSync();
console.log(JSON.stringify({ taken: highWater() - before, activation: 4 * x.size / 2 ** 20, layers: layers.length }));

function highWater(): number {
  return Number(Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s*(\d+) kB$/m)![1]) / 1024;
}
