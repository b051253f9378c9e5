/**
 * Time against the size of the work, beside the bare matrix products of the same work: the contrast against the queue,
 * a whole step against batch and width, kNN against its bank. Run by `deno task bench`.
 *
 * The bare product is computed right after what it is compared with, so that a change of the machine's speed meets
 * both.
 *
 * @module
 */
import {
  createMoco,
  dispose,
  enqueue,
  infoNce,
  initQueue,
  jit,
  key,
  knn,
  l2Normalize,
  mlpHead,
  normal,
  type Queue,
  release,
  resnet18,
  scope,
  sgd,
  type Tensor,
  valueAndGrad,
} from "../mod.ts";
import { tf } from "../src/engine/mod.ts";
import { bareProducts, productsOf } from "./bare_products.ts";
import { median } from "../src/core/median.ts";

/** Something to time at one size. */
type Point = {
  readonly subject: () => void;
  readonly bare: () => void;
  /** How many times the subject computes what `bare` does. */
  readonly products: number;
  readonly free: () => void;
};

const [dimension, batch] = [128, 256];
const unit = (seed: number, rows: number, channels: number = dimension) =>
  scope(() => l2Normalize(normal(key(seed), [rows, channels]))) as tf.Tensor2D;

const contrast = jit((query: Tensor, positive: Tensor, queue: Queue) => {
  const { loss, gradients } = valueAndGrad(({ q }: { q: Tensor }) => ({
    loss: infoNce(q, positive, queue.keys, 0.2).loss,
    aux: {},
  }), { q: query });
  return { loss, gradients, queue: enqueue(queue, positive) };
}, { name: "contrast" });

grows("InfoNCE with its gradient, and the queue, N = 256, D = 128", "K", [1024, 4096, 16384, 65536], 15, (size) => {
  const [query, positive] = [unit(1, batch), unit(2, batch)];
  const queue = initQueue(key(3), size, dimension);
  return {
    subject: () => dispose(contrast(query, positive, queue)),
    bare: () => tf.matMul(query, queue.keys as tf.Tensor2D, false, true).dispose(),
    products: 2, // the similarities, and the gradient by the queries
    free: () => dispose({ query, positive, queue }),
  };
});

// The features of ResNet-18 at a quarter of the width, and at the whole.
for (const channels of [128, 512]) {
  grows(`kNN of 1,000 queries, D = ${channels}, k = 200`, "bank", [5000, 10000, 20000, 50000], 5, (size) => {
    const [queries, bank] = [unit(4, 1000, channels), unit(5, size, channels)];
    const labels = Int32Array.from({ length: size }, (_, index) => index % 10);
    return {
      subject: () => void knn({ features: queries, labels: labels.subarray(0, 1000) }, { features: bank, labels }),
      bare: () => tf.matMul(queries, bank, false, true).dispose(),
      products: 1,
      free: () => dispose({ queries, bank }),
    };
  });
}

grows("step of ResNet-18 at a quarter of the width, 28x28x1", "batch", [64, 128, 256], 4, (size) => step(size, 0.25));
grows("step of ResNet-18, 28x28x1, batch 64", "width", [0.25, 0.5, 1], 3, (width) => step(64, width));

function step(batch: number, width: number): Point {
  const moco = createMoco({
    backbone: resnet18({ stem: "small", width }),
    head: mlpHead(dimension),
    input: [28, 28, 1],
    optimizer: sgd({ learningRate: 0.03, momentum: 0.9, weightDecay: 1e-4 }),
    queueSize: 4096,
    momentum: 0.99,
    temperature: 0.2,
    shuffle: false,
  });
  const compiled = jit(moco.step, { name: "step" });
  const views = { query: normal(key(1), [batch, 28, 28, 1]), key: normal(key(2), [batch, 28, 28, 1]) };
  let state = moco.init(key(0));
  const { run, matrices } = bareProducts(productsOf(state.query.params, batch, 28));
  return {
    subject: () => {
      const { state: next, metrics } = compiled(state, views);
      metrics.loss.dataSync(); // waits for the device
      release({ state, metrics }, next);
      state = next;
    },
    bare: run,
    products: 4,
    free: () => dispose({ views, state, matrices }),
  };
}

/** Benches every size of a work, and says how the time grew and how it stands to the bare products. */
function grows(
  group: string,
  unit: string,
  sizes: readonly number[],
  counted: number,
  at: (size: number) => Point,
): void {
  const warmup = 2;
  const medians: { readonly subject: number; readonly bare: number }[] = [];
  for (const size of sizes) {
    let point: Point | undefined;
    const times: { readonly subject: number; readonly bare: number }[] = [];
    Deno.bench({
      name: `${unit} ${size.toLocaleString("en")}`,
      group,
      warmup,
      n: counted,
      fn: (bench) => {
        const { subject, bare, products, free } = point ??= at(size);
        bench.start();
        const own = milliseconds(subject);
        bench.end();
        times.push({ subject: own, bare: products * milliseconds(bare) });
        if (times.length !== warmup + counted) return;
        free();
        point = undefined;
        const last = times.slice(-counted);
        medians.push({ subject: median(last.map((t) => t.subject)), bare: median(last.map((t) => t.bare)) });
        const { subject: took, bare: least } = medians[medians.length - 1];
        const ratio = median(last.map((t) => t.subject / t.bare));
        console.log(
          `  ${unit} ${size.toLocaleString("en")}: ${took.toFixed(1)} ms, its bare products ${least.toFixed(1)} ms; ` +
            `${ratio.toFixed(1)} times as long`,
        );
        if (medians.length > 1) {
          const before = medians[medians.length - 2];
          console.log(
            `  with ${size / sizes[medians.length - 2]} times the ${unit}: ${
              (took / before.subject).toFixed(2)
            } times ` +
              `the time, the bare products ${(least / before.bare).toFixed(2)}`,
          );
        }
      },
    });
  }
}

function milliseconds(f: () => void): number {
  const start = performance.now();
  f();
  return performance.now() - start;
}
