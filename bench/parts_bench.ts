/**
 * Throughput of the parts of a step: loss, momentum update, queue, augmentation; eager and compiled.
 *
 * @module
 */
import {
  ema,
  enqueue,
  fromBytes,
  infoNce,
  initQueue,
  jit,
  type Key,
  key,
  l2Normalize,
  normal,
  recipe,
  resnet18,
  type Tensor,
  valueAndGrad,
} from "../mod.ts";
import { dispose, scope, type Tree } from "../mod.ts";

const dimension = 128;
const unit = (seed: number, rows: number) => l2Normalize(normal(key(seed), [rows, dimension]));
const [query, positive, negatives] = [unit(1, 256), unit(2, 256), unit(3, 65536)];

const loss = (query: Tensor) => {
  const { loss, gradients } = valueAndGrad(({ q }: { q: Tensor }) => ({
    loss: infoNce(q, positive, negatives, 0.2).loss,
    aux: {},
  }), { q: query });
  return { loss, gradient: gradients.q };
};
compare("InfoNCE, value and gradient: N = 256, K = 65,536, D = 128", loss, [query]);

const { params } = resnet18().init(key(0), [32, 32, 3]).network;
compare("EMA of ResNet-18's parameters", (k: Tree, q: Tree) => ema(k, q, 0.999), [params, params]);

const queue = initQueue(key(4), 65536, dimension);
compare("queue: 256 in, 256 out, K = 65,536", (keys: Tensor) => enqueue(queue, keys), [positive]);

for (const [size, channels] of [[28, 1], [32, 3]]) {
  const augment = recipe({ recipe: "v2", size });
  const bytes = Uint8Array.from({ length: 256 * size * size * channels }, (_, index) => (index * 37) % 256);
  const images = fromBytes(bytes, [256, size, size, channels]);
  compare(
    `augmentation v2, a view of 256 images of ${size}x${size}x${channels}`,
    // The key is an argument: the draws of a constant key would be constants of the compiled function.
    (key: Key, images: Tensor) => augment(key, images),
    [key(5), images],
  );
}

/** Benches a function of tensors eagerly and compiled; reading the last result waits for the device. */
function compare<Args extends readonly Tree[]>(group: string, f: (...args: Args) => Tree, args: Args): void {
  const compiled = jit(f, { name: group });
  Deno.bench({ name: "eager", group, baseline: true, fn: () => dispose(scope(() => f(...args))) });
  Deno.bench({ name: "jit", group, fn: () => dispose(compiled(...args)) });
}
