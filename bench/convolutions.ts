/**
 * 3x3 convolutions with both gradients, by TensorFlow's kernel and by Winograd's filtering, in turn:
 * `deno run -A bench/convolutions.ts`. Where each pays is what `suitsWinograd` says.
 *
 * @module
 */
import { dispose, jit, key, normal, type Tensor, tf, valueAndGrad } from "../mod.ts";
import { directConv } from "../src/engine/ops/conv.ts";
import { suitsWinograd, winogradConv } from "../src/engine/ops/winograd.ts";

const shapes: readonly (readonly [images: number, side: number, channels: number])[] = [
  // ResNet-50 at 224 pixels
  [16, 56, 64],
  [16, 28, 128],
  [16, 14, 256],
  [16, 7, 512],
  // ResNet-18 at 32
  [64, 32, 64],
  [64, 16, 128],
  [64, 8, 256],
  [64, 4, 512],
  // a quarter of its width at 28
  [256, 28, 16],
  [256, 14, 32],
  [256, 7, 64],
  [256, 4, 128],
];

/** Convolutions in a row, and rounds, the first of which are not counted. */
const [depth, rounds, warmup] = [4, 9, 2];

console.log("| images | pixels | channels | direct, ms | Winograd, ms | ratio | used |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const [images, side, channels] of shapes) {
  const x = normal(key(1), [images, side, side, channels]);
  const filter = tf.mul(normal(key(2), [3, 3, channels, channels]), 1 / (3 * Math.sqrt(channels)));
  const direct = chain((x, filter) => directConv(x, filter, 1, { before: 1, after: [1, 1] }));
  const winograd = chain(winogradConv);
  const times = { direct: [] as number[], winograd: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, f] of [["direct", direct], ["winograd", winograd]] as const) {
      const start = performance.now();
      const result = f(x, filter);
      result.loss.dataSync(); // waits for the device
      if (round >= warmup) times[name].push((performance.now() - start) / depth);
      dispose(result);
    }
  }
  const [directly, filtered] = [median(times.direct), median(times.winograd)];
  const used = suitsWinograd(x, filter) ? "Winograd" : "direct";
  console.log(
    `| ${images} | ${side}x${side} | ${channels} | ${directly.toFixed(1)} | ${filtered.toFixed(1)} | ` +
      `${(directly / filtered).toFixed(2)}x | ${used} |`,
  );
  dispose({ x, filter });
}

/** A loss of several convolutions in a row, and its gradients by the images and the filter. */
function chain(convolve: (x: Tensor, filter: Tensor) => Tensor) {
  return jit((x: Tensor, filter: Tensor) =>
    valueAndGrad(({ x, filter }: { x: Tensor; filter: Tensor }) => {
      const last = Array.from({ length: depth }).reduce<Tensor>((y) => convolve(y, filter), x);
      return { loss: tf.sum(last), aux: {} };
    }, { x, filter })
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
