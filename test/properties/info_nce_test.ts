import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { infoNce as reference } from "../../reference/info_nce.ts";
import {
  l2Normalize as referenceL2Normalize,
  l2NormalizeGradient as referenceL2NormalizeGradient,
} from "../../reference/l2_normalize.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { contrastAccuracy, infoNce } from "../../src/methods/contrast.ts";
import { l2Normalize } from "../../src/methods/l2_normalize.ts";
import { matrices, permutations, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

type Contrast = {
  readonly query: number[][];
  readonly key: number[][];
  readonly queue: number[][];
  readonly temperature: number;
};

/** Queries, keys and a queue of random sizes, and a temperature. */
const contrasts: fc.Arbitrary<Contrast> = fc.tuple(sizes(1, 5), sizes(1, 12), sizes(2, 6)).chain(([n, k, d]) =>
  fc.record({
    query: unitRows(n, d),
    key: unitRows(n, d),
    queue: unitRows(k, d),
    temperature: fc.constantFrom(0.07, 0.2, 1),
  })
);

Deno.test("infoNce equals the reference: loss, logits, contrast accuracy and the query's gradient", () => {
  fc.assert(fc.property(contrasts, (contrast) =>
    scope(() => {
      const { query, key, queue, temperature } = contrast;
      const expected = reference(query, key, queue, temperature);
      const [k, negatives] = [tf.tensor2d(key), tf.tensor2d(queue)];
      const { loss, aux, gradients } = valueAndGrad(({ q }) => {
        const { loss, ...aux } = infoNce(q, k, negatives, temperature);
        return { loss, aux };
      }, { q: tf.tensor2d(query) });
      // Products that cancel, divided by a small temperature.
      const values = ({ query, key, queue, temperature }: Contrast) => {
        const { loss, logits } = reference(query, key, queue, temperature);
        return { loss, logits };
      };
      assertClose({ loss, logits: aux.logits }, values(contrast), conditioned("reduction", values, contrast), "value");
      assertClose(aux.positives, tf.reshape(tf.slice(aux.logits, [0, 0], [-1, 1]), [-1]), "exact", "positives");
      const slope = ({ query, key, queue, temperature }: Contrast) =>
        reference(query, key, queue, temperature).gradient;
      // The difference of the positive key and a mean of all, each over T N. Where the positive is all but certain the
      // two cancel, and the rounding of either is left: 16 times that of float32, whatever the inputs.
      const rounding = {
        ...conditioned("gradient", slope, contrast),
        absolute: 2 ** -20 / (temperature * query.length),
      };
      assertClose(gradients.q, expected.gradient, rounding, "gradient");
      if (tied(expected.logits)) return; // which is nearer would be up to rounding
      assertClose(contrastAccuracy(aux.logits, 1), expected.top1, "elementwise", "top-1");
      assertClose(contrastAccuracy(aux.logits, 5), expected.top5, "elementwise", "top-5");
    })));
});

function tied(logits: number[][]): boolean {
  return logits.some(([positive, ...negatives]) => negatives.some((x) => Math.abs(x - positive) < 1e-5));
}

Deno.test("infoNce is log(K+1) at uniform logits, and nothing is told apart", () => {
  fc.assert(
    fc.property(sizes(1, 4), sizes(1, 20), unitRows(1, 3), unitRows(1, 3), (n, k, [query], [key]) =>
      scope(() => {
        const rows = (count: number, row: number[]) => tf.tensor2d(Array.from({ length: count }, () => row));
        const { loss, logits } = infoNce(rows(n, query), rows(n, key), rows(k, key), 0.2);
        assertClose(loss, Math.log(k + 1), "reduction");
        assertClose(contrastAccuracy(tf.zerosLike(logits), 1), 0, "exact");
      })),
  );
});

Deno.test("infoNce does not depend on the order of the queue", () => {
  const cases = contrasts.chain((contrast) =>
    permutations(contrast.queue.length).map((order) => ({ ...contrast, order }))
  );
  fc.assert(fc.property(cases, ({ query, key, queue, temperature, order }) =>
    scope(() => {
      const [q, k] = [tf.tensor2d(query), tf.tensor2d(key)];
      const loss = (rows: number[][]) => infoNce(q, k, tf.tensor2d(rows), temperature).loss;
      assertClose(loss(order.map((i) => queue[i])), loss(queue), "reduction");
    })));
});

Deno.test("infoNce stays finite where the positive is hopeless at a small temperature", () => {
  scope(() => {
    const [away, here] = [tf.tensor2d([[-1, 0]]), tf.tensor2d([[1, 0]])];
    assertClose(infoNce(here, away, here, 1e-3).loss, 2000, "reduction");
  });
});

Deno.test("contrastAccuracy: a negative as near as the positive counts as nearer", () => {
  scope(() => {
    const logits = tf.tensor2d([[2, 2, 1], [2, 1, 1], [0, 1, 2]]);
    assertEquals([1, 2, 3].map((k) => Math.round(3 * contrastAccuracy(logits, k).dataSync()[0])), [1, 2, 3]);
  });
});

Deno.test("l2Normalize equals the reference in value and gradient", () => {
  // A short row's gradient is a small difference of large numbers, so that rows are of length 1/4 and more. (A row of
  // one number is its sign, without a gradient but for rounding.)
  const cases = fc.tuple(sizes(1, 4), sizes(2, 6)).chain(([n, d]) =>
    fc.tuple(matrices(n, d).filter((rows) => rows.every((row) => Math.hypot(...row) >= 0.25)), matrices(n, d))
  );
  fc.assert(fc.property(cases, ([x, dy]) =>
    scope(() => {
      const { y, gradient } = normalized(x, dy);
      assertClose(y, referenceL2Normalize(x), "elementwise", "value");
      const expected = ({ x, dy }: Record<"x" | "dy", number[][]>) => referenceL2NormalizeGradient(x, dy);
      assertClose(gradient, expected({ x, dy }), conditioned("gradient", expected, { x, dy }), "gradient");
    })));
});

Deno.test("l2Normalize makes rows of any length above 1e-12 unit", () => {
  scope(() => {
    assertClose(l2Normalize(tf.tensor2d([[3e-11, 4e-11], [-6e8, 8e8]])), [[0.6, 0.8], [-0.6, 0.8]], "elementwise");
  });
});

Deno.test("l2Normalize leaves a zero row at zero, with a finite gradient, and its neighbours alone", () => {
  scope(() => {
    const { y, gradient } = normalized([[0, 0], [3, 4]], [[1, 2], [1, 0]]);
    assertClose(y, [[0, 0], [0.6, 0.8]], "elementwise");
    assertEquals(gradient.dataSync().every(Number.isFinite), true);
    assertClose(tf.slice(gradient, [1, 0]), [[0.128, -0.096]], "gradient");
  });
});

/** The unit rows of `x`, and the gradient with respect to `x` of sum(y * dy). */
function normalized(x: number[][], dy: number[][]): { y: Tensor; gradient: Tensor } {
  const cotangent = tf.tensor2d(dy);
  const { aux, gradients } = valueAndGrad(({ x }) => {
    const y = l2Normalize(x);
    return { loss: tf.sum(tf.mul(y, cotangent)), aux: { y } };
  }, { x: tf.tensor2d(x) });
  return { y: aux.y, gradient: gradients.x };
}
