import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { mixup as reference } from "../../reference/mixup.ts";
import { applyMixup, drawMixup, mixup } from "../../src/augment/mixup.ts";
import { beta, key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { readBytes, tf } from "../../src/engine/mod.ts";
import { matrices, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

const cases = fc.record({ count: sizes(1, 6), width: sizes(1, 4), classes: sizes(1, 4) })
  .chain(({ count, width, classes }) =>
    fc.record({
      images: matrices(count, width),
      targets: matrices(count, classes, 0, 1),
      seed: seeds,
      alpha: fc.constantFrom(0.2, 0.8, 1, 4),
    })
  );

Deno.test("mixup equals the reference with the same draw, for images and targets alike", () => {
  fc.assert(fc.property(cases, ({ images, targets, seed, alpha }) =>
    scope(() => {
      const batch = { images: tf.tensor4d(images.map((row) => [row.map((x) => [x])])), targets: tf.tensor2d(targets) };
      const { lambda, partner } = drawMixup(key(seed), images.length, alpha);
      const [share] = lambda.dataSync();
      const places = [...partner.dataSync()];
      assert(share >= 0 && share <= 1);
      assertEquals(places.toSorted((a, b) => a - b), images.map((_, n) => n));
      const mixed = applyMixup({ lambda, partner }, batch);
      const flat = tf.reshape(mixed.images, [images.length, -1]);
      assertClose(flat, reference(images, share, places), "elementwise", "images");
      assertClose(mixed.targets, reference(targets, share, places), "elementwise", "targets");
      assertEquals(readBytes(mixup(alpha)(key(seed), batch).images), readBytes(mixed.images));
    })));
});

Deno.test("mixup with alpha 0 changes no bit, and alpha below 0 is refused", () => {
  scope(() => {
    const batch = { images: tf.randomUniform([3, 2, 2, 1]), targets: tf.eye(3) };
    const mixed = mixup(0)(key(1), batch);
    assertEquals(readBytes(mixed.images), readBytes(batch.images));
    assertEquals(readBytes(mixed.targets), readBytes(batch.targets));
  });
  assertThrows(() => mixup(-1), RangeError, "expected alpha to be a number of at least 0, found -1");
});

Deno.test("Beta(alpha, alpha) has mean 1/2 and variance 1 / (4 (2 alpha + 1))", () => {
  for (const alpha of [0.2, 1, 5]) {
    scope(() => {
      const draws = beta(key(3), [40_000], alpha);
      const { mean, variance } = tf.moments(draws);
      // The standard error of the mean of so many draws is at most 0.0025, that of the variance less.
      assertClose(mean, 0.5, { relative: 0, absolute: 0.01 }, "mean");
      assertClose(variance, 1 / (4 * (2 * alpha + 1)), { relative: 0, absolute: 0.005 }, "variance");
      assert(draws.min().dataSync()[0] >= 0 && draws.max().dataSync()[0] <= 1);
    });
  }
});
