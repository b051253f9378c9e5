import { assertEquals } from "@std/assert";
import { batchInfoNce } from "../../reference/batch_info_nce.ts";
import type { Encoder } from "../../reference/encoder.ts";
import { endToEndStep } from "../../reference/end_to_end.ts";
import { l2Normalize } from "../../reference/l2_normalize.ts";
import { memoryBankStep, remember } from "../../reference/memory_bank.ts";
import { ntXent } from "../../reference/nt_xent.ts";
import { simclrStep } from "../../reference/simclr.ts";
import { assertClose, type Tolerance } from "../support/close.ts";
import { slopes } from "../support/finite_differences.ts";

/** Central differences in float64 with h = 1e-5 are good to about 1e-9 here. */
const finite: Tolerance = { relative: 1e-6, absolute: 1e-8 };

/** Smooth, irregular numbers in [-1, 1]. */
function wave(rows: number, columns: number, phase: number): number[][] {
  return Array.from({ length: rows }, (_, n) =>
    Array.from({ length: columns }, (_, d) => {
      const i = n * columns + d;
      return Math.sin(1.7 * i + phase) * Math.cos(0.3 * i * i + phase);
    }));
}

function encoder(phase: number): Encoder {
  return {
    first: wave(3, 2, phase),
    scale: [1.2, 0.7],
    offset: [0.3, -0.2],
    second: wave(2, 2, phase + 1),
    bias: [0.5, -0.4],
  };
}

const statistics = { runningMean: [0, 0], runningVariance: [1, 1] };
const options = { temperature: 0.5, groups: 2, sgd: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 } };

Deno.test("reference batchInfoNce: by hand for two queries", () => {
  // Logits [[1, 0], [1, 0]]: the first query is right with p = e / (1 + e), the second one with 1 - p.
  const p = Math.E / (1 + Math.E);
  const { loss, logits } = batchInfoNce([[1, 0], [1, 0]], [[1, 0], [0, 1]], 1);
  assertEquals(logits, [[1, 0], [1, 0]]);
  assertClose(loss, -(Math.log(p) + Math.log(1 - p)) / 2, finite);
});

Deno.test("reference batchInfoNce: the gradients are the slopes, on both sides", () => {
  const at = { q: wave(4, 3, 1), k: wave(4, 3, 2) };
  const { queryGradient, keyGradient } = batchInfoNce(at.q, at.k, 0.3);
  assertClose({ q: queryGradient, k: keyGradient }, slopes(({ q, k }) => batchInfoNce(q, k, 0.3).loss, at), finite);
});

Deno.test("reference ntXent: by hand for two images, no view being a candidate of its own", () => {
  // At T = 1, view 1 meets 2 at 0, its pair 3 at 1, and 4 at 0: log(e + 2) - 1. Likewise all others.
  const { loss, logits, top1 } = ntXent([[1, 0], [0, 1], [1, 0], [0, 1]], 1);
  assertClose(loss, Math.log(Math.E + 2) - 1, finite);
  assertEquals(logits[0], [-Infinity, 0, 1, 0]);
  assertEquals(top1, 1);
});

Deno.test("reference ntXent: the gradient is the slope", () => {
  const z = wave(6, 3, 1);
  assertClose(ntXent(z, 0.3).gradient, slopes((z) => ntXent(z, 0.3).loss, z), finite);
});

Deno.test("reference endToEndStep: the gradient is the slope of the loss in both encoders", () => {
  const views = { query: wave(4, 3, 5), key: wave(4, 3, 6) };
  const run = (at: { readonly query: Encoder; readonly key: Encoder }) =>
    endToEndStep(
      {
        ...at,
        queryStatistics: statistics,
        queryVelocity: encoder(3),
        keyStatistics: statistics,
        keyVelocity: encoder(4),
      },
      views,
      [2, 3, 1, 0],
      options,
    );
  const at = { query: encoder(1), key: encoder(2) };
  assertClose(run(at).gradient, slopes((at) => run(at).loss, at), finite);
});

Deno.test("reference simclrStep: the gradient is the slope of the loss", () => {
  const run = (encoder: Encoder, velocity = encoder) =>
    simclrStep({ encoder, statistics, velocity }, [wave(4, 3, 7), wave(4, 3, 1)], options);
  assertClose(run(encoder(1)).gradient, slopes((at) => run(at).loss, encoder(1)), finite);
});

Deno.test("reference memoryBankStep: the gradient is the slope of the loss, the bank held constant", () => {
  const bank = { keys: l2Normalize(wave(6, 2, 4)), seen: [true, true, false, true, true, true] };
  const run = (at: Encoder) =>
    memoryBankStep(
      { encoder: at, statistics, velocity: encoder(3), bank },
      wave(4, 3, 5),
      [4, 0, 2, 5],
      [1, 3, 3],
      { ...options, momentum: 0.5 },
    );
  assertClose(run(encoder(1)).gradient, slopes((at) => run(at).loss, encoder(1)), finite);
});

Deno.test("reference remember: by hand, halfway between two rows, and one that no image touched", () => {
  const bank = { keys: [[1, 0], [0, 1]], seen: [false, false] };
  const half = Math.SQRT1_2;
  assertClose(remember(bank, [1], [[1, 0]], 0.5).keys, [[1, 0], [half, half]], finite);
  assertEquals(remember(bank, [1], [[1, 0]], 0.5).seen, [false, true]);
  assertEquals(remember(bank, [0], [[0, 1]], 1).keys, bank.keys);
});
