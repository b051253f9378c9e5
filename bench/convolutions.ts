/**
 * 3x3 convolutions with both gradients, by TensorFlow's kernel and by Winograd's filtering, in turn:
 * `deno run -A bench/convolutions.ts [bfloat16]`. Where each pays is what `suitingWinograd` says.
 *
 * @module
 */
import { dispose, jit, key, normal, type Tensor, tf, valueAndGrad } from "../mod.ts";
import { directConv } from "../src/engine/ops/conv.ts";
import { suitingWinograd, winogradConv } from "../src/engine/ops/winograd.ts";
import { median } from "../src/core/median.ts";

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

const precision = Deno.args[0] === "bfloat16" ? "bfloat16" : "float32";

type Filters = Readonly<Record<string, Tensor>>;

/** Convolutions in a row, and rounds, the first of which are not counted. */
const [depth, rounds, warmup] = [4, 9, 2];

console.log("| images | pixels | channels | direct, ms | Winograd, ms | ratio | used |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const [images, side, channels] of shapes) {
  const x = normal(key(1), [images, side, side, channels]);
  // Each convolution has a filter of its own, since TensorFlow would compute Winograd's map of a shared one only once.
  const filters = Object.fromEntries(
    Array.from({ length: depth }, (_, layer) => {
      const weights = normal(key(2 + layer), [3, 3, channels, channels]);
      return [`filter${layer}`, tf.mul(weights, 1 / (3 * Math.sqrt(channels)))] as const;
    }),
  );
  const direct = chain((x, filter) => directConv(x, filter, 1, { before: 1, after: [1, 1] }));
  const winograd = chain((x, filter) => winogradConv(x, filter, precision === "bfloat16" ? 2 : 4));
  const times = { direct: [] as number[], winograd: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, f] of [["direct", direct], ["winograd", winograd]] as const) {
      const start = performance.now();
      const result = f(x, filters);
      result.loss.dataSync(); // waits for the device
      if (round >= warmup) times[name].push((performance.now() - start) / depth);
      dispose(result);
    }
  }
  const [directly, filtered] = [median(times.direct), median(times.winograd)];
  const used = choice(x, filters.filter0);
  console.log(
    `| ${images} | ${side}x${side} | ${channels} | ${directly.toFixed(1)} | ${filtered.toFixed(1)} | ` +
      `${(directly / filtered).toFixed(2)}x | ${used} |`,
  );
  dispose({ x, filters });
}

/** What a layer takes in this precision. */
function choice(x: Tensor, filter: Tensor): string {
  let results: number | undefined;
  dispose(
    jit((x: Tensor, filter: Tensor) => {
      results = suitingWinograd(x, filter);
      return { x, filter };
    }, { precision })(x, filter),
  );
  return results === undefined ? "direct" : "Winograd";
}

/** A loss of several convolutions in a row, and its gradients by the images and the filters. */
function chain(convolve: (x: Tensor, filter: Tensor) => Tensor) {
  return jit(
    (x: Tensor, filters: Filters) =>
      valueAndGrad(({ x, filters }: { readonly x: Tensor; readonly filters: Filters }) => {
        const last = Object.values(filters).reduce<Tensor>(convolve, x);
        return { loss: tf.sum(last), aux: {} };
      }, { x, filters }),
    { precision },
  );
}
