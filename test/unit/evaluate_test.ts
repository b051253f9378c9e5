import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { leaves, type Tree } from "../../src/core/tree.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose, keep, liveTensors, scope } from "../../src/core/scope.ts";
import { jit, readBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import { evaluateEncoder } from "../../src/evaluate/evaluate.ts";
import { scoreClassifier } from "../../src/evaluate/classify.ts";
import { extractFeatures, pixels } from "../../src/evaluate/features.ts";
import { knn } from "../../src/evaluate/knn.ts";
import { linearProbe } from "../../src/evaluate/linear.ts";
import { score } from "../../src/evaluate/scores.ts";
import { assertClose } from "../support/close.ts";

/** Images of 2x2 pixels whose class shows in which half is bright. */
function halves(count: number) {
  const images = new Uint8Array(count * 4);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % 2;
    const [dark, bright] = [(i * 7) % 60, 255 - (i * 13) % 60];
    images.set(i % 2 === 0 ? [bright, bright, dark, dark] : [dark, dark, bright, bright], i * 4);
  }
  return { images, labels, count, height: 2, width: 2, channels: 1 };
}

Deno.test("scores count ranks, five at most, and a missing prediction is never right", () => {
  const ranking = Int32Array.of(0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, -1, -1, -1, -1, -1, 1);
  const scores = score(ranking, [0, 0, 1], ["a", "b", "c", "d", "e", "f"]);
  assertClose([scores.top1, scores.top5], [1 / 3, 1 / 3], "elementwise");
  assertEquals(scores.perClass.slice(0, 3), [
    { label: 0, name: "a", count: 2, accuracy: 0.5 },
    { label: 1, name: "b", count: 1, accuracy: 0 },
    { label: 2, name: "c", count: 0, accuracy: null },
  ]);
});

Deno.test("a label that is no class is refused with its place", () => {
  assertThrows(() => score(Int32Array.of(0, 0), [0, 2], 2), RangeError, "expected labels in [0, 2), found 2 at 1");
  const data = { features: tf.tensor2d([[1, 0], [0, 1]]), labels: [0, 3] };
  assertThrows(() => knn(data, data, { classes: 2 }), RangeError, "found 3 at 1");
  dispose(data.features);
});

Deno.test("features of the last, smaller batch are those of whole batches, and the encoder sees one shape", async () => {
  const data = halves(7);
  const seen = new Set<string>();
  const encode = (images: Tensor) => {
    seen.add(String(images.shape));
    return pixels(images);
  };
  const features = await extractFeatures(encode, data, { batch: 3 });
  assertEquals(features.shape, [7, 4]);
  assertClose(features.dataSync(), Array.from(data.images, (value) => value / 255), "elementwise");
  assertEquals([...seen], ["3,2,2,1"]);
  dispose(features);
});

Deno.test("a classifier is scored by its greatest logit and by its five greatest", async () => {
  // Of six classes, the logits fall from class 0 to class 5.
  const classify = (images: Tensor) => tf.tile(tf.tensor2d([[6, 5, 4, 3, 2, 1]]), [images.shape[0], 1]);
  const test = { ...halves(6), labels: Uint8Array.of(0, 1, 2, 3, 4, 5) };
  const { top1, top5, count } = await scoreClassifier(classify, test, { batch: 4 });
  assertClose([top1, top5, count], [1 / 6, 5 / 6, 6], "elementwise");
  const few = (images: Tensor) => tf.tile(tf.tensor2d([[1, 2]]), [images.shape[0], 1]);
  const scores = await scoreClassifier(few, halves(4), { classes: ["top", "bottom"] });
  assertEquals([scores.top1, scores.top5, scores.perClass[1]], [
    ...[0.5, 1],
    { label: 1, name: "bottom", count: 2, accuracy: 1 },
  ]);
});

Deno.test("an encoder whose result is not one row for each image is refused", async () => {
  const before = liveTensors();
  await assertRejects(
    () => extractFeatures((images) => tf.sum(pixels(images)), halves(2)),
    TypeError,
    "Cannot extract features: expected [2, D], found []",
  );
  assertEquals(liveTensors(), before);
});

Deno.test("kNN's votes weigh by similarity: one near neighbour beats two far ones", () => {
  const queries = { features: tf.tensor2d([[1, 0]]), labels: [1] };
  const bank = { features: tf.tensor2d([[0, 1], [0, 1], [1, 0.1]]), labels: [0, 0, 1] };
  assertEquals([...knn(queries, bank, { k: 3 }).predictions], [1]);
  // At a high temperature a vote is a vote.
  assertEquals([...knn(queries, bank, { k: 3, temperature: 100 }).predictions], [0]);
  dispose({ a: queries.features, b: bank.features });
});

Deno.test("kNN survives a temperature at which exp(s / T) overflows float32", () => {
  const data = { features: tf.tensor2d([[1, 0], [0.8, 0.6]]), labels: [0, 1] };
  assertEquals(knn(data, data, { temperature: 0.001 }).top1, 1);
  dispose(data.features);
});

Deno.test("a class without a neighbour is no prediction, not even the fifth", () => {
  const queries = { features: tf.tensor2d([[1, 0]]), labels: [0] };
  const bank = { features: tf.tensor2d([[1, 0], [1, 0.1]]), labels: [3, 3] };
  const result = knn(queries, bank, { classes: 4 });
  assertEquals([result.top5, ...result.predictions], [0, 3]);
  dispose({ a: queries.features, b: bank.features });
});

Deno.test("k is the whole bank where 200 is too many, and an own k beyond the bank is refused", () => {
  const data = { features: tf.tensor2d([[1, 0], [0, 1]]), labels: [0, 1] };
  assertEquals(knn(data, data).k, 2);
  assertThrows(() => knn(data, data, { k: 3 }), RangeError, "expected k in [1, 2] (the bank's rows), found 3");
  assertThrows(
    () => knn(data, data, { temperature: 0 }),
    RangeError,
    "expected temperature to be a number greater than 0",
  );
  const wide = { features: tf.tensor2d([[1, 0, 0]]), labels: [0] };
  assertThrows(() => knn(wide, data), TypeError, "two matrices of equal width, found [1,3] and [2,2]");
  assertThrows(() => knn({ ...wide, labels: [0, 1] }, data), TypeError, "for 2 labels");
  dispose({ a: data.features, b: wide.features });
});

Deno.test("by default 200 neighbours vote, at temperature 0.1", () => {
  const [queries, bank] = scope(() => [
    { features: keep(normal(key(1), [40, 3])), labels: Array.from({ length: 40 }, (_, i) => i % 5) },
    { features: keep(normal(key(2), [260, 3])), labels: Array.from({ length: 260 }, (_, i) => (i * i) % 5) },
  ]);
  const predictions = (options: Parameters<typeof knn>[2]) => [...knn(queries, bank, options).predictions];
  const usual = knn(queries, bank);
  assertEquals([usual.k, ...usual.predictions], [200, ...predictions({ k: 200, temperature: 0.1 })]);
  assertNotEquals([...usual.predictions], predictions({ k: 200, temperature: 1 }));
  dispose({ a: queries.features, b: bank.features });
});

Deno.test("by default the linear probe makes 30 passes with momentum 0.9, and chooses one of some learning rates", async () => {
  const labels = Array.from({ length: 700 }, (_, i) => i % 3);
  const features = normal(key(1), [700, 4]);
  const data = { features, labels };
  const one = { learningRate: 0.1 };
  const usual = await linearProbe(data, data, one);
  const named = { epochs: 30, batch: 512, momentum: 0.9, weightDecay: 0, schedule: "cosine" } as const;
  assertEquals(await linearProbe(data, data, { ...one, ...named, standardize: true, seed: 0 }), usual);
  const rates = async (standardize: boolean) =>
    (await linearProbe(data, data, { epochs: 1, standardize })).selection?.map(({ learningRate }) => learningRate);
  assertEquals(await rates(true), [0.01, 0.03, 0.1, 0.3, 1]);
  assertEquals(await rates(false), [0.1, 0.3, 1, 3, 10, 30]);
  dispose(features);
});

Deno.test("the linear probe learns what is linear and cannot learn what is not", async () => {
  const corners = tf.tensor2d([[0, 0], [0, 1], [1, 0], [1, 1]]);
  const probe = (labels: number[]) =>
    linearProbe({ features: corners, labels }, { features: corners, labels }, { learningRate: 1, epochs: 60 });
  assertEquals((await probe([0, 1, 1, 1])).top1, 1); // or
  assert((await probe([0, 1, 1, 0])).top1 < 1); // exclusive or
  dispose(corners);
});

Deno.test("the learning rate that does best on the held-out tenth is taken, each tried by a head of its own", async () => {
  const labels = Array.from({ length: 60 }, (_, i) => i % 3);
  const features = tf.tensor2d(labels.map((label, i) => [label === 0 ? 1 : 0, label === 1 ? 1 : 0, (i % 7) / 10]));
  const data = { features, labels };
  const result = await linearProbe(data, data, { learningRate: [1e-7, 0.3, 0.3], epochs: 20, batch: 8 });
  assertEquals(result.learningRate, 0.3);
  const [still, ...moving] = result.selection ?? [];
  assertEquals(moving.map(({ top1 }) => top1), [1, 1]);
  assert(still.top1 < 1);
  dispose(features);
});

Deno.test("of a single training sample nothing is held out: the first learning rate is taken", async () => {
  const train = { features: tf.tensor2d([[0, 1]]), labels: [1] };
  const test = { features: tf.tensor2d([[0, 1], [1, 0]]), labels: [1, 0] };
  const result = await linearProbe(train, test, { learningRate: [1, 0.1], epochs: 5, standardize: false });
  assertEquals([result.learningRate, result.selection, result.predictions[0]], [1, undefined, 1]);
  dispose({ a: train.features, b: test.features });
});

Deno.test("a feature that never varies does no harm to the linear probe", async () => {
  const train = { features: tf.tensor2d([[1, 5], [2, 5], [3, 5], [4, 5]]), labels: [0, 0, 1, 1] };
  const test = { features: tf.tensor2d([[1, 5], [4, 5.001]]), labels: [0, 1] };
  const result = await linearProbe(train, test, { learningRate: 1, epochs: 40 });
  assertEquals(result.top1, 1);
  assert(result.losses.every(Number.isFinite));
  dispose({ a: train.features, b: test.features });
});

Deno.test("impossible protocols of the linear probe are refused", async () => {
  const data = { features: tf.tensor2d([[1], [2]]), labels: [0, 1] };
  const refused = (options: Parameters<typeof linearProbe>[2], message: string) =>
    assertRejects(() => linearProbe(data, data, options), RangeError, message);
  await refused({ epochs: 0 }, "expected epochs to be a whole number of at least 1, found 0");
  await refused({ batch: 1.5 }, "expected batch to be a whole number of at least 1, found 1.5");
  await refused({ learningRate: [] }, "expected a learning rate, found none");
  await refused({ learningRate: -1 }, "expected a learning rate to be a number greater than 0, found -1");
  await refused({ momentum: 1 }, "expected momentum to be a number of at least 0 and below 1, found 1");
  await refused({ weightDecay: NaN }, "expected weightDecay to be a number of at least 0, found NaN");
  await refused({ classes: 1 }, "found 1 at 1");
  dispose(data.features);
});

Deno.test("an evaluation changes no byte of the encoder, leaves no tensor behind and scores what it should", async () => {
  const encoder = { backbone: { weight: tf.tensor2d([[1, 0.5], [1, 0], [0, 1], [0.5, 1]]), scale: tf.scalar(2) } };
  const bytes = leaves(encoder).map(readBytes);
  const encode = jit((values: typeof encoder, images: Tensor) =>
    tf.mul(tf.matMul(pixels(images) as tf.Tensor2D, values.backbone.weight), values.backbone.scale)
  );
  const before = liveTensors();
  const run = () =>
    evaluateEncoder(encoder, encode, halves(40), halves(10), {
      classes: ["top", "bottom"],
      features: { batch: 8 },
      linear: { epochs: 5 },
    });
  const result = await run();
  assertEquals(liveTensors(), before);
  assertEquals(leaves(encoder).map(readBytes), bytes);
  assertEquals([result.dimension, result.knn.k, result.knn.top1, result.linear?.top1], [2, 40, 1, 1]);
  assertEquals(result.linear?.perClass.map(({ name }) => name), ["top", "bottom"]);
  assertEquals(await run(), result, "the same evaluation twice gives the same result");
  dispose(encoder);
});

Deno.test("an evaluation whose test images cannot be encoded leaves no tensor behind", async () => {
  const before = liveTensors();
  const failing = (_: Tree, images: Tensor) => {
    if (images.shape[0] < 8) throw new RangeError("too few");
    return pixels(images);
  };
  await assertRejects(() => evaluateEncoder({}, failing, halves(8), halves(4)), RangeError, "too few");
  assertEquals(liveTensors(), before);
});

Deno.test("an encoder that changes while it is frozen is an error that names the value", async () => {
  const values = [tf.scalar(1), tf.scalar(2)];
  let reads = 0;
  const encoder: Tree = {
    buffers: {
      get running_mean() {
        return values[Math.min(reads++, values.length - 1)];
      },
    },
  };
  await assertRejects(
    () => evaluateEncoder(encoder, (_, images) => pixels(images), halves(4), halves(2), { linear: false }),
    Error,
    '"buffers.running_mean" changed while it was frozen',
  );
  values.forEach((value) => dispose(value));
});
