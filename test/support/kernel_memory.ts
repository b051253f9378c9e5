/**
 * Prints the greatest memory of the first and of the second run of a compiled function that calls an XLA kernel, MiB.
 *
 * @module
 */
import { key, normal } from "../../src/core/random.ts";
import { dispose } from "../../src/core/scope.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { gelu } from "../../src/nn/gelu.ts";

// Its products are all alive when the kernel first runs.
const f = jit((x: Tensor) => {
  const products = Array.from(
    { length: 8 },
    (_, index) => tf.matMul(x as tf.Tensor2D, tf.mul(x, index) as tf.Tensor2D),
  );
  const { output } = gelu().apply({ params: {}, buffers: {} }, tf.addN(products), { training: true });
  return tf.sum(tf.addN([output, ...products]));
});
const x = normal(key(0), [2048, 2048]);
const greatest = [0, 1].map(() => {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5"); // begins again from what is in memory now
  const sum = f(x);
  sum.dataSync();
  dispose(sum);
  return Number(Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s*(\d+) kB$/m)![1]) / 1024;
});
console.log(JSON.stringify(greatest));
