import fc from "fast-check";
import { assertThrows } from "@std/assert";
import { ema as reference } from "../../reference/ema.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { ema } from "../../src/methods/ema.ts";
import { sizes, vectors } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { conditioned } from "../support/conditioning.ts";

const pairs = sizes(1, 20).chain((length) => fc.tuple(vectors(length), vectors(length)));

Deno.test("ema equals the reference, the momentum a number or a scalar tensor", () => {
  fc.assert(fc.property(pairs, fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1), ([key, query], momentum) =>
    scope(() => {
      const trees = [{ a: { weight: tf.tensor1d(key) } }, { a: { weight: tf.tensor1d(query) } }] as const;
      const expected = ({ key, query, momentum }: { key: number[]; query: number[]; momentum: number }) => ({
        a: { weight: reference(key, query, momentum) },
      });
      // The two parts may cancel.
      const input = { key, query, momentum };
      const tolerance = conditioned("elementwise", expected, input);
      assertClose(ema(...trees, momentum), expected(input), tolerance);
      assertClose(ema(...trees, tf.scalar(momentum)), expected(input), tolerance);
    })));
});

Deno.test("ema: momentum 1 keeps the key and momentum 0 copies the query, bit for bit", () => {
  fc.assert(fc.property(pairs, ([key, query]) =>
    scope(() => {
      const trees = [{ w: tf.tensor1d(key) }, { w: tf.tensor1d(query) }] as const;
      assertClose(ema(...trees, 1), { w: key }, "exact");
      assertClose(ema(...trees, 0), { w: query }, "exact");
    })));
});

Deno.test("ema: a fixed point where key and query agree, and it never leaves the interval between them", () => {
  fc.assert(fc.property(pairs, fc.double({ min: 0, max: 1, noNaN: true }), ([key, query], momentum) =>
    scope(() => {
      assertClose(ema({ w: tf.tensor1d(key) }, { w: tf.tensor1d(key) }, momentum), { w: key }, "elementwise");
      const next = ema({ w: tf.tensor1d(key) }, { w: tf.tensor1d(query) }, momentum).w.dataSync();
      const clamped = [...next].map((value, i) =>
        Math.min(Math.max(value, Math.min(key[i], query[i])), Math.max(key[i], query[i]))
      );
      assertClose(next, clamped, "elementwise");
    })));
});

Deno.test("ema refuses encoders of different structure", () => {
  scope(() => assertThrows(() => ema({ w: tf.scalar(1) }, { v: tf.scalar(1) } as never, 0.5), TypeError));
});
