import { assertEquals, assertThrows } from "@std/assert";
import {
  type BatchNorm,
  batchNormEvaluation,
  batchNormGradient,
  batchNormTraining,
} from "../../reference/batch_norm.ts";
import { ema } from "../../reference/ema.ts";
import { infoNce } from "../../reference/info_nce.ts";
import { knnScores, topAccuracy } from "../../reference/knn.ts";
import { l2Normalize, l2NormalizeGradient } from "../../reference/l2_normalize.ts";
import { softmaxRegression } from "../../reference/linear.ts";
import type { Encoder } from "../../reference/encoder.ts";
import { mocoStep, type State } from "../../reference/moco.ts";
import { enqueue } from "../../reference/queue.ts";
import { cosineRate, epochOf, stepRate, warmupCosineRate } from "../../reference/schedules.ts";
import { sgd } from "../../reference/sgd.ts";
import { groupOfSamples, shuffle, unshuffle } from "../../reference/shuffle_bn.ts";
import { assertClose, type Tolerance } from "../support/close.ts";

/**
 * Central differences in float64 with h = 1e-5 are good to about 1e-9 here: the reference may not hide behind float32.
 */
const finite: Tolerance = { relative: 1e-6, absolute: 1e-8 };

/** df/dx of a function of a flat list, by central differences. */
function slope(f: (x: number[]) => number, x: readonly number[], h: number = 1e-5): number[] {
  return x.map((_, i) => {
    const at = (offset: number) => f(x.map((value, j) => j === i ? value + offset : value));
    return (at(h) - at(-h)) / (2 * h);
  });
}

/** A smooth, irregular sequence of numbers in [-1, 1]. */
function wave(length: number, phase: number): number[] {
  return Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) * Math.cos(0.3 * i * i + phase));
}

function rows(flat: readonly number[], columns: number): number[][] {
  return Array.from({ length: flat.length / columns }, (_, n) => flat.slice(n * columns, (n + 1) * columns));
}

function weightedSum(y: readonly number[], weights: readonly number[]): number {
  return y.reduce((sum, value, i) => sum + value * weights[i], 0);
}

Deno.test("reference l2Normalize: 3-4-5, and a zero row stays zero", () => {
  assertClose(l2Normalize([[3, 4], [0, 0]]), [[0.6, 0.8], [0, 0]], "elementwise");
});

Deno.test("reference l2Normalize: the gradient is the slope", () => {
  const x = wave(12, 0.4);
  const weights = wave(12, 2);
  const loss = (flat: number[]) => weightedSum(l2Normalize(rows(flat, 4)).flat(), weights);
  assertClose(l2NormalizeGradient(rows(x, 4), rows(weights, 4)).flat(), slope(loss, x), finite);
});

Deno.test("reference infoNce: by hand for one query, one positive, one negative", () => {
  // Logits 1 and 0 at T = 1: L = log(e + 1) - 1; dL/dq = p_1 (negative - positive), p_1 = 1 / (1 + e).
  const { loss, logits, gradient, top1, top5 } = infoNce([[1, 0]], [[1, 0]], [[0, 1]], 1);
  const p1 = 1 / (1 + Math.E);
  assertClose(loss, Math.log(Math.E + 1) - 1, finite);
  assertClose(logits, [[1, 0]], "exact");
  assertClose(gradient, [[-p1, p1]], finite);
  assertEquals([top1, top5], [1, 1]);
});

Deno.test("reference infoNce: log(K+1) at uniform logits", () => {
  const key = [0.6, 0.8];
  const { loss, top1 } = infoNce([[1, 0], [0, 1]], [key, key], [key, key, key], 0.07);
  assertClose(loss, Math.log(4), finite);
  assertEquals(top1, 0); // collapsed features find nothing
});

Deno.test("reference infoNce: a rank of 1 to 4 is a top-5 hit only", () => {
  const angle = (a: number) => [Math.cos(a), Math.sin(a)];
  const { top1, top5 } = infoNce(
    [angle(0), angle(1)],
    [angle(0.5), angle(3)],
    [angle(0.1), angle(-0.1), angle(0.2), angle(2), angle(1.5), angle(1)],
    0.2,
  );
  assertEquals([top1, top5], [0, 0.5]);
});

Deno.test("reference infoNce: small temperatures do not overflow", () => {
  const { loss } = infoNce([[1, 0]], [[-1, 0]], [[1, 0]], 1e-3);
  assertClose(loss, 2000, finite);
});

Deno.test("reference infoNce: the gradient is the slope", () => {
  const q = wave(12, 0.4);
  const k = l2Normalize(rows(wave(12, 1), 4));
  const queue = l2Normalize(rows(wave(20, 3), 4));
  const loss = (flat: number[]) => infoNce(rows(flat, 4), k, queue, 0.2).loss;
  assertClose(infoNce(rows(q, 4), k, queue, 0.2).gradient.flat(), slope(loss, q), finite);
});

Deno.test("reference ema: by hand", () => {
  assertClose(ema([1, -2], [0, 2], 0.75), [0.75, -1], "exact");
});

Deno.test("reference queue: the oldest rows leave, and only real keys count", () => {
  const once = enqueue({ keys: [[1], [2], [3]], filled: 0 }, [[4], [5]]);
  assertEquals(once, { keys: [[3], [4], [5]], filled: 2 });
  assertEquals(enqueue(once, [[6], [7]]), { keys: [[5], [6], [7]], filled: 3 });
  assertEquals(enqueue(once, [[6], [7], [8], [9]]), { keys: [[7], [8], [9]], filled: 3 });
});

Deno.test("reference shuffle: by hand, and unshuffle undoes it", () => {
  const permutation = [2, 0, 3, 1];
  assertEquals(shuffle(["a", "b", "c", "d"], permutation), ["c", "a", "d", "b"]);
  assertEquals(unshuffle(["c", "a", "d", "b"], permutation), ["a", "b", "c", "d"]);
  // Positions 0 and 2 are group 0: samples 2 and 3.
  assertEquals(groupOfSamples(permutation, 2), [1, 1, 0, 0]);
});

const layer: BatchNorm = {
  scale: [1.5, -0.5, 0.8],
  offset: [0.1, 0.2, -0.3],
  runningMean: [0.5, -0.5, 0],
  runningVariance: [1, 2, 0.5],
};

Deno.test("reference batchNorm: by hand for two interleaved groups", () => {
  const one = { scale: [2], offset: [1], runningMean: [0], runningVariance: [1] };
  // Group 0 holds 0 and 2 (mean 1, variance 1, unbiased 2); group 1 holds 10 and 14 (mean 12, variance 4, unbiased 8).
  const { y, runningMean, runningVariance } = batchNormTraining([[[0]], [[10]], [[2]], [[14]]], one, 2, {
    epsilon: 0,
    momentum: 0.1,
  });
  assertClose(y, [[[-1]], [[-1]], [[3]], [[3]]], finite);
  assertClose(runningMean, [0.1 * (1 + 12) / 2], finite);
  assertClose(runningVariance, [0.9 + 0.1 * (2 + 8) / 2], finite);
});

Deno.test("reference batchNorm: the gradients are the slopes", () => {
  const block = (flat: readonly number[]) => rows(flat, 6).map((sample) => rows(sample, 3)); // [4][2][3]
  const x = wave(24, 0.9);
  const weights = wave(24, 4);
  const loss = (flat: readonly number[], scale = layer.scale, offset = layer.offset) =>
    weightedSum(batchNormTraining(block(flat), { ...layer, scale, offset }, 2).y.flat(2), weights);
  const gradient = batchNormGradient(block(x), block(weights), layer, 2);
  assertClose(gradient.x.flat(2), slope((flat) => loss(flat), x), finite);
  assertClose(gradient.scale, slope((scale) => loss(x, scale), layer.scale), finite);
  assertClose(gradient.offset, slope((offset) => loss(x, layer.scale, offset), layer.offset), finite);
});

Deno.test("reference batchNorm: evaluation by hand, and groups of one value are refused", () => {
  const one = { scale: [2], offset: [1], runningMean: [3], runningVariance: [4] };
  assertClose(batchNormEvaluation([[[7]]], one, { epsilon: 0, momentum: 0.1 }), [[[5]]], finite);
  assertThrows(() => batchNormTraining([[[7]], [[8]]], one, 2), RangeError);
});

Deno.test("reference sgd: two steps by hand", () => {
  const options = { learningRate: 0.5, momentum: 0.5, weightDecay: 0.25 };
  const first = sgd([4], [0], [1], options); // v = 1 + 1
  assertEquals(first, { parameters: [3], velocity: [2] });
  assertEquals(sgd(first.parameters, first.velocity, [-1], options), { parameters: [2.625], velocity: [0.75] });
});

Deno.test("reference schedules: at the start, at each corner and at the end", () => {
  assertEquals([0, 4, 5, 9].map((step) => epochOf(step, 5, "epoch")), [0, 0, 1, 1]);
  assertClose(epochOf(4, 5, "iteration"), 0.8, finite);
  assertClose([0, 119, 120, 159, 160, 199].map((e) => stepRate(0.03, e, [120, 160])), [
    0.03,
    0.03,
    0.003,
    0.003,
    0.0003,
    0.0003,
  ], finite);
  assertClose([0, 100, 200].map((e) => cosineRate(0.03, e, 200)), [0.03, 0.015, 0], finite);
  assertClose([0, 5, 10, 55, 100].map((e) => warmupCosineRate(0.6, e, 100, 10)), [0, 0.3, 0.6, 0.3, 0], finite);
});

Deno.test("reference knn: weights and k decide", () => {
  const bank = [[1, 0], [0, 2], [0, 3], [-1, 0]];
  const [scores] = knnScores([[2, 1]], bank, [0, 1, 1, 2], 3, 3, 0.1);
  const near = Math.exp(2 / Math.sqrt(5) / 0.1);
  const far = Math.exp(1 / Math.sqrt(5) / 0.1);
  assertClose(scores, [near, 2 * far, 0], finite);
  assertEquals(topAccuracy([scores, scores], [0, 1], 1), 0.5);
  assertEquals(topAccuracy([scores, scores], [0, 1], 2), 1);
});

Deno.test("reference softmaxRegression: the gradients are the slopes", () => {
  const x = rows(wave(12, 1), 3);
  const weight = wave(6, 2);
  const bias = wave(2, 5);
  const labels = [0, 1, 1, 0];
  const { weight: dWeight, bias: dBias } = softmaxRegression(x, labels, rows(weight, 2), bias);
  assertClose(dWeight.flat(), slope((w) => softmaxRegression(x, labels, rows(w, 2), bias).loss, weight), finite);
  assertClose(dBias, slope((b) => softmaxRegression(x, labels, rows(weight, 2), b).loss, bias), finite);
});

Deno.test("reference mocoStep: the gradient is the slope of the loss, the keys held constant", () => {
  const encoder = (phase: number): Encoder => ({
    first: rows(wave(6, phase), 2),
    scale: [1.2, 0.7],
    offset: [0.3, -0.2],
    second: rows(wave(4, phase + 1), 2),
    bias: [0.5, -0.4],
  });
  const statistics = { runningMean: [0, 0], runningVariance: [1, 1] };
  const state = (query: Encoder): State => ({
    query,
    queryStatistics: statistics,
    key: encoder(2),
    keyStatistics: statistics,
    velocity: encoder(3),
    queue: { keys: l2Normalize(rows(wave(8, 4), 2)), filled: 0 },
  });
  const views = { query: rows(wave(12, 5), 3), key: rows(wave(12, 6), 3) };
  for (const symmetric of [false, true]) {
    const options = { momentum: 1, temperature: 0.5, groups: 2, symmetric, sgd: sgdOptions }; // m = 1: the keys stay
    const step = (query: Encoder) => mocoStep(state(query), views, [2, 0, 3, 1], options);
    const flat = [...encoder(1).first.flat(), ...encoder(1).second.flat()];
    const loss = (w: number[]) =>
      step({ ...encoder(1), first: rows(w.slice(0, 6), 2), second: rows(w.slice(6), 2) }).loss;
    const { gradient } = step(encoder(1));
    assertClose([...gradient.first.flat(), ...gradient.second.flat()], slope(loss, flat), finite);
    const bias = (b: number[]) => step({ ...encoder(1), bias: b }).loss;
    assertClose(gradient.bias, slope(bias, encoder(1).bias), finite);
  }
});

const sgdOptions = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };
