import fc from "fast-check";
import { assertThrows } from "@std/assert";
import { contrast as reference } from "../../reference/moco_v3.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { diagonal } from "../../src/engine/ops/diagonal.ts";
import { batchContrast, contrastAccuracy } from "../../src/methods/contrast.ts";
import { permutations, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

type Contrast = { readonly query: number[][]; readonly keys: number[][]; readonly temperature: number };

/** Queries and keys of random sizes, and a temperature. */
const contrasts: fc.Arbitrary<Contrast> = fc.tuple(sizes(1, 9), sizes(2, 6)).chain(([n, d]) =>
  fc.record({ query: unitRows(n, d), keys: unitRows(n, d), temperature: fc.constantFrom(0.07, 0.2, 1) })
);

Deno.test("batchContrast equals the reference: loss, logits, accuracy and the query's gradient", () => {
  fc.assert(fc.property(contrasts, (contrast) =>
    scope(() => {
      const { query, keys, temperature } = contrast;
      const expected = reference(query, keys, temperature);
      const k = tf.tensor2d(keys);
      const { loss, aux, gradients } = valueAndGrad(({ q }) => {
        const { loss, ...aux } = batchContrast(q, k, temperature);
        return { loss, aux };
      }, { q: tf.tensor2d(query) });
      // Products that cancel, divided by a small temperature.
      const values = ({ query, keys, temperature }: Contrast) => {
        const { loss, logits } = reference(query, keys, temperature);
        return { loss, logits };
      };
      assertClose({ loss, logits: aux.logits }, values(contrast), conditioned("reduction", values, contrast), "value");
      const slope = ({ query, keys, temperature }: Contrast) => reference(query, keys, temperature).gradient;
      assertClose(gradients.q, expected.gradient, conditioned("gradient", slope, contrast), "gradient");
      assertClose(aux.positives, diagonal(aux.logits), "exact", "positives");
      const tied = expected.logits.some((row, n) => row.some((x, j) => j !== n && Math.abs(x - row[n]) < 1e-5));
      if (tied) return; // which is nearer would be up to rounding
      const accuracy = contrastAccuracy(aux.logits, 1, tf.reshape(aux.positives, [-1, 1]));
      assertClose(accuracy, expected.top1, "elementwise", "accuracy");
    })));
});

Deno.test("batchContrast over 2T is plain cross-entropy against the own index", () => {
  fc.assert(fc.property(contrasts, ({ query, keys, temperature }) =>
    scope(() => {
      const [q, k]: Tensor[] = [tf.tensor2d(query), tf.tensor2d(keys)];
      const logits = tf.div(tf.matMul(q as tf.Tensor2D, k as tf.Tensor2D, false, true), temperature) as tf.Tensor2D;
      const plain = tf.losses.softmaxCrossEntropy(tf.eye(query.length), logits);
      assertClose(tf.div(batchContrast(q, k, temperature).loss, 2 * temperature), plain.dataSync()[0], "reduction");
    })));
});

Deno.test("batchContrast is 2T log N where every key is equally near, and nothing is told apart", () => {
  fc.assert(
    fc.property(sizes(1, 12), unitRows(1, 3), unitRows(1, 3), (n, [query], [key]) =>
      scope(() => {
        const rows = (row: number[]) => tf.tensor2d(Array.from({ length: n }, () => row));
        assertClose(batchContrast(rows(query), rows(key), 0.2).loss, 2 * 0.2 * Math.log(n), "reduction");
        assertClose(contrastAccuracy(tf.zeros([n, n]), 1, tf.zeros([n, 1])), n === 1 ? 1 : 0, "exact");
      })),
  );
});

Deno.test("batchContrast does not depend on the order of the batch", () => {
  const cases = contrasts.chain((contrast) =>
    permutations(contrast.query.length).map((order) => ({ ...contrast, order }))
  );
  fc.assert(fc.property(cases, ({ query, keys, temperature, order }) =>
    scope(() => {
      const loss = (order: number[]) =>
        batchContrast(tf.tensor2d(order.map((i) => query[i])), tf.tensor2d(order.map((i) => keys[i])), temperature)
          .loss;
      assertClose(loss(order), loss(order.map((_, i) => i)), "reduction");
    })));
});

Deno.test("batchContrast refuses keys of another shape", () => {
  scope(() => assertThrows(() => batchContrast(tf.zeros([2, 3]), tf.zeros([3, 3]), 1), TypeError, "[2,3] and [3,3]"));
});
