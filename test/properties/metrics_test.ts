import fc from "fast-check";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { measure } from "../../src/methods/metrics.ts";
import { matrices, sizes, unitRows, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { spreadOf } from "../support/spread.ts";

/** Anything to measure; the logits are whole numbers, so that some are equal. */
const cases = fc.tuple(sizes(1, 6), sizes(1, 5), sizes(1, 8)).chain(([n, dimension, negatives]) =>
  fc.record({
    features: unitRows(n, dimension),
    logits: fc.array(fc.array(sizes(-2, 2), { minLength: 1 + negatives, maxLength: 1 + negatives }), {
      minLength: n,
      maxLength: n,
    }),
    gradients: fc.record({ weight: matrices(2, 3), bias: vectors(3) }),
    params: fc.record({ weight: matrices(2, 3), bias: vectors(3) }),
  })
);

Deno.test("measured are the shares of found keys, the lengths of gradients and parameters, the features' spread", () => {
  fc.assert(fc.property(cases, ({ features, logits, gradients, params }) =>
    scope(() => {
      const tensors = ({ weight, bias }: typeof params) => ({ weight: tf.tensor2d(weight), bias: tf.tensor1d(bias) });
      const length = ({ weight, bias }: typeof params) => Math.hypot(...weight.flat(), ...bias);
      /** How many queries have fewer than k negatives that are as near as their key, or nearer. */
      const found = (k: number) =>
        logits.filter(([key, ...others]) => others.filter((other) => other >= key).length < k).length;
      const metrics = measure({
        loss: tf.scalar(3),
        chance: 4,
        features: tf.tensor2d(features),
        contrast: {
          loss: tf.scalar(3),
          logits: tf.tensor2d(logits),
          positives: tf.tensor1d(logits.map(([key]) => key)),
        },
        gradients: tensors(gradients),
        params: tensors(params),
      });
      assertClose([metrics.loss, metrics.chance], [3, 4], "exact");
      assertClose(metrics.accuracy, found(1) / logits.length, "elementwise", "accuracy");
      assertClose(metrics.accuracyTop5, found(5) / logits.length, "elementwise", "accuracyTop5");
      assertClose(metrics.gradientNorm, length(gradients), "reduction", "gradientNorm");
      assertClose(metrics.parameterNorm, length(params), "reduction", "parameterNorm");
      // A root of a variance that cancels: of equal features the rest is some 1e-4.
      assertClose(metrics.featureStd, spreadOf(features), { relative: 1e-4, absolute: 1e-3 }, "featureStd");
    })));
});
