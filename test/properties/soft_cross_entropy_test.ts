import fc from "fast-check";
import {
  smoothedTargets as referenceTargets,
  softCrossEntropy as reference,
} from "../../reference/soft_cross_entropy.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { crossEntropy } from "../../src/engine/ops/mod.ts";
import { tf } from "../../src/engine/mod.ts";
import { smoothedTargets, softCrossEntropy } from "../../src/methods/soft_cross_entropy.ts";
import { floats, matrices, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { slopes } from "../support/finite_differences.ts";

/** Logits, and a label for each row. */
const cases = fc.record({ count: sizes(1, 6), classes: sizes(2, 5) }).chain(({ count, classes }) =>
  fc.record({
    logits: matrices(count, classes, -6, 6),
    labels: fc.array(sizes(0, classes - 1), { minLength: count, maxLength: count }),
    epsilon: fc.oneof(fc.constant(0), floats(0, 0.9)),
  })
);

Deno.test("smoothed targets and their cross-entropy equal the reference, value and gradient", () => {
  fc.assert(fc.property(cases, ({ logits, labels, epsilon }) =>
    scope(() => {
      const [{ length: classes }] = logits;
      const wanted = referenceTargets(labels, classes, epsilon);
      const targets = smoothedTargets(tf.tensor1d(labels, "int32"), classes, epsilon);
      assertClose(targets, wanted, "elementwise", "targets");
      const expected = reference(logits, wanted);
      const { loss, gradients } = valueAndGrad(
        ({ z }) => ({ loss: softCrossEntropy(z, targets), aux: {} }),
        { z: tf.tensor2d(logits) },
      );
      assertClose(loss, expected.loss, "reduction", "loss");
      assertClose(gradients.z, expected.gradient, "gradient", "gradient");
    })));
});

Deno.test("the reference's gradient is the slope of its loss, for targets of any sum", () => {
  const mixed = cases.chain((one) =>
    fc.record({ logits: fc.constant(one.logits), targets: matrices(one.logits.length, one.logits[0].length, 0, 1) })
  );
  fc.assert(
    fc.property(mixed, ({ logits, targets }) => {
      const slope = slopes((at: number[][]) => reference(at, targets).loss, logits);
      assertClose(reference(logits, targets).gradient, slope, { relative: 1e-6, absolute: 1e-7 }); // central differences
    }),
    { numRuns: 40 },
  );
});

Deno.test("without smoothing it is the cross-entropy of the labels", () => {
  fc.assert(fc.property(cases, ({ logits, labels }) =>
    scope(() => {
      const [z, classes] = [tf.tensor2d(logits), tf.tensor1d(labels, "int32")];
      const plain = tf.mean(crossEntropy(z, classes));
      assertClose(softCrossEntropy(z, smoothedTargets(classes, z.shape[1])), plain.dataSync()[0], "reduction");
    })));
});
