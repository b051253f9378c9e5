/**
 * Prints how much memory a compiled gradient through a hundred layers takes, in MiB above what the process had: with
 * each tenth of them recomputed, then plain, in this order, as the kernel's high-water mark only rises. With the
 * argument `xla`, compiled by XLA.
 *
 * @module
 */
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { recompute } from "../../src/core/recompute.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";

const options = { xla: Deno.args[0] === "xla" };
type Passed = { readonly x: Tensor; readonly weight: Tensor };

const [parts, depth, rows, width] = [10, 10, 8192, 128]; // of activations there are 100 times 4 MiB

/** Products between the layers, since XLA computes functions of single elements again by itself. */
function part({ x, weight }: Passed): Passed {
  const layer = (h: Tensor) => tf.tanh(tf.matMul(h as tf.Tensor2D, weight as tf.Tensor2D));
  return { x: Array.from({ length: depth }).reduce<Tensor>(layer, x), weight };
}

let start: number | undefined;

function measured(part: (input: Passed) => Passed): number {
  const gradient = jit((input: Passed) =>
    valueAndGrad((input) => {
      const { x } = Array.from({ length: parts }).reduce<Passed>(part, input);
      return { loss: tf.sum(x), aux: {} };
    }, input).gradients, options);
  const input = { x: tf.fill([rows, width], 0.5), weight: normal(key(0), [width, width], 0, 0.1) };
  start ??= highWater();
  const result = gradient(input);
  result.x.dataSync();
  dispose({ input, result });
  return highWater() - start;
}

function highWater(): number {
  return Number(Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s*(\d+) kB$/m)![1]) / 1024;
}

console.log(JSON.stringify({ recomputed: measured(recompute(part)), plain: measured(part) }));
