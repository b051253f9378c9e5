import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { batchInfoNce as batchReference } from "../../reference/batch_info_nce.ts";
import { ntXent as reference } from "../../reference/nt_xent.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { batchInfoNce, contrastAccuracy, ntXent } from "../../src/methods/contrast.ts";
import { permutations, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

/** Two views of random sizes, and a temperature. */
const pairs = fc.tuple(sizes(1, 7), sizes(2, 5)).chain(([n, d]) =>
  fc.record({ first: unitRows(n, d), second: unitRows(n, d), temperature: fc.constantFrom(0.1, 0.5, 1) })
);

Deno.test("ntXent equals the reference: loss, logits, accuracy and the gradient of both views", () => {
  fc.assert(fc.property(pairs, ({ first, second, temperature }) =>
    scope(() => {
      const expected = reference([...first, ...second], temperature);
      const rounding = conditioned("gradient", (z) => reference(z, temperature).gradient, [...first, ...second]);
      const { loss, aux, gradients } = valueAndGrad(({ first, second }) => {
        const { loss, ...aux } = ntXent(first, second, temperature);
        return { loss, aux };
      }, { first: tf.tensor2d(first), second: tf.tensor2d(second) });
      assertClose(loss, expected.loss, "reduction", "loss");
      assertClose(tf.exp(aux.logits), expected.logits.map((row) => row.map(Math.exp)), "gradient", "exp(logits)");
      assertClose(tf.concat([gradients.first, gradients.second]), expected.gradient, rounding, "gradient");
      const views = 2 * first.length;
      assertClose(aux.positives, expected.logits.map((row, i) => row[(i + views / 2) % views]), "reduction");
      const tied = expected.logits.some((row) =>
        row.some((x, i) => row.some((y, j) => i < j && Math.abs(x - y) < 1e-5))
      );
      if (tied) return; // which is nearer would be up to rounding
      const accuracy = contrastAccuracy(aux.logits, 1, tf.reshape(aux.positives, [-1, 1]));
      assertClose(accuracy, expected.top1, "elementwise", "accuracy");
    })));
});

Deno.test("ntXent by hand: two images, two pairs of equal views", () => {
  // Each view meets its pair at 1 / T = 2 and two strangers at 0: -log(e^2 / (e^2 + 2)).
  const loss = Math.log(1 + 2 * Math.exp(-2));
  scope(() => assertClose(ntXent(tf.eye(2), tf.eye(2), 0.5).loss, loss, "reduction"));
});

Deno.test("ntXent is symmetric: the views may change places, and so may the images", () => {
  const cases = pairs.chain((pair) => permutations(pair.first.length).map((order) => ({ ...pair, order })));
  fc.assert(fc.property(cases, ({ first, second, temperature, order }) =>
    scope(() => {
      const of = (rows: number[][], order: number[]) => tf.tensor2d(order.map((i) => rows[i]));
      const straight = order.map((_, i) => i);
      const { loss } = ntXent(of(first, straight), of(second, straight), temperature);
      assertClose(ntXent(of(second, straight), of(first, straight), temperature).loss, loss, "reduction", "views");
      assertClose(ntXent(of(first, order), of(second, order), temperature).loss, loss, "reduction", "images");
    })));
});

Deno.test("ntXent is log(2N - 1) where every view is equally near, and nothing is told apart but a lone pair", () => {
  fc.assert(
    fc.property(sizes(1, 9), unitRows(1, 3), (n, [row]) =>
      scope(() => {
        const rows = tf.tensor2d(Array.from({ length: n }, () => row));
        const { loss, logits, positives } = ntXent(rows, rows, 0.5);
        assertClose(loss, Math.log(2 * n - 1), "reduction");
        const accuracy = contrastAccuracy(logits, 1, tf.reshape(positives, [-1, 1])).dataSync()[0];
        assertEquals(accuracy, n === 1 ? 1 : 0);
      })),
    { numRuns: 20 },
  );
});

Deno.test("batchInfoNce equals the reference: loss, logits, and the gradient on both sides", () => {
  fc.assert(fc.property(pairs, ({ first, second, temperature }) =>
    scope(() => {
      const expected = batchReference(first, second, temperature);
      const { loss, aux, gradients } = valueAndGrad(({ q, k }) => {
        const { loss, logits } = batchInfoNce(q, k, temperature);
        return { loss, aux: { logits } };
      }, { q: tf.tensor2d(first), k: tf.tensor2d(second) });
      // Products that cancel, divided by a small temperature.
      const input = { first, second, temperature };
      const values = ({ first, second, temperature }: typeof input) => {
        const { loss, logits } = batchReference(first, second, temperature);
        return { loss, logits };
      };
      assertClose({ loss, logits: aux.logits }, values(input), conditioned("reduction", values, input), "value");
      // Differences of keys over T, which cancel where the positive is all but certain: 16 roundings of them.
      const of = (side: "queryGradient" | "keyGradient") => ({
        ...conditioned("gradient", ({ first, second, temperature }) =>
          batchReference(first, second, temperature)[side], input),
        absolute: 2 ** -20 / temperature,
      });
      assertClose(gradients.q, expected.queryGradient, of("queryGradient"), "dq");
      assertClose(gradients.k, expected.keyGradient, of("keyGradient"), "dk");
    })));
});

Deno.test("views of different shapes are refused", () => {
  scope(() => {
    for (const loss of [ntXent, batchInfoNce]) {
      assertThrows(() => loss(tf.zeros([2, 3]), tf.zeros([3, 3]), 1), TypeError, "[2,3] and [3,3]");
    }
  });
});
