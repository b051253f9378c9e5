import fc from "fast-check";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  groupOfSamples,
  shuffle as referenceShuffle,
  unshuffle as referenceUnshuffle,
} from "../../reference/shuffle_bn.ts";
import { partOf, virtualDevices } from "../../src/core/devices.ts";
import { key, permutation } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { invertPermutation } from "../../src/engine/ops/mod.ts";
import { byGroup, inOrder } from "../../src/methods/shuffle_bn.ts";
import { blocks, permutations, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

/** A batch of N x 2 x 3 values and a permutation of its samples. */
const batches = sizes(1, 9).chain((n) => fc.record({ batch: blocks([n, 2, 3]), order: permutations(n) }));

const { exchange } = virtualDevices();

Deno.test("an exchange equals the reference's shuffle, and that by the inverse order its unshuffle", () => {
  fc.assert(fc.property(batches, ({ batch, order }) =>
    scope(() => {
      const x = tf.tensor(batch.values, batch.shape);
      const p = tf.tensor1d(order, "int32");
      const rows = x.arraySync() as number[][][];
      const inverse = invertPermutation(p);
      assertClose(exchange(x, p), referenceShuffle(rows, order), "exact");
      assertClose(exchange(x, inverse), referenceUnshuffle(rows, order), "exact");
      assertClose(exchange(exchange(x, p), inverse), rows, "exact");
      assertClose(exchange(exchange(x, inverse), p), rows, "exact");
    })));
});

Deno.test("byGroup puts sample i into part i mod n, in order, and inOrder undoes it", () => {
  const cases = fc.tuple(sizes(1, 4), sizes(1, 4)).chain(([groups, each]) =>
    blocks([groups * each, 3]).map((batch) => ({ batch, groups, each }))
  );
  fc.assert(fc.property(cases, ({ batch, groups, each }) =>
    scope(() => {
      const x = tf.tensor(batch.values, batch.shape);
      const parts = tf.reshape(byGroup(x, groups), [groups, each, 3]).arraySync() as number[][][];
      const rows = x.arraySync() as number[][];
      parts.forEach((part, g) => assertEquals(part, rows.filter((_, i) => i % groups === g)));
      assertClose(inOrder(byGroup(x, groups), groups), rows, "exact");
    })));
});

Deno.test("part p of n of a batch is what n virtual devices normalise as group p", () => {
  const cases = fc.tuple(sizes(1, 4), sizes(1, 4)).chain(([count, each]) =>
    blocks([count * each, 3]).map((batch) => ({ batch, count }))
  );
  fc.assert(fc.property(cases, ({ batch, count }) =>
    scope(() => {
      const x = tf.tensor(batch.values, batch.shape);
      const parts = Array.from({ length: count }, (_, index) => partOf(x, { index, count }));
      assertClose(tf.concat(parts, 0), byGroup(x, count).arraySync() as number[][], "exact");
    })));
});

Deno.test("a query and its key are normalised in other company: the groups of reference and source agree", () => {
  fc.assert(fc.property(permutations(8), sizes(1, 3), (order, log) =>
    scope(() => {
      const groups = 2 ** log;
      const samples = tf.tensor2d([0, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
      const seen = byGroup(exchange(samples, tf.tensor1d(order, "int32")), groups).dataSync();
      const group = new Array<number>(8);
      seen.forEach((sample, position) => group[sample] = Math.floor(position / (8 / groups)));
      assertEquals(group, groupOfSamples(order, groups));
    })));
});

Deno.test("drawn permutations regroup the keys, and every seed and sample counts", () => {
  // A draw that leaves the partition of 16 samples into 4 groups alone has chance 4!^5/16!, below 1e-6.
  fc.assert(
    fc.property(seeds, (seed) =>
      scope(() => {
        const order = [...permutation(key(seed), 16).dataSync()];
        assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: 16 }, (_, i) => i));
        const query = groupOfSamples(Array.from({ length: 16 }, (_, i) => i), 4);
        assertNotEquals(partition(groupOfSamples(order, 4)), partition(query));
      })),
    { numRuns: 50 },
  );
});

/** Which samples are together, whatever the group is called. */
function partition(groups: readonly number[]): string[] {
  const together = new Map<number, number[]>();
  groups.forEach((group, sample) => together.set(group, [...together.get(group) ?? [], sample]));
  return [...together.values()].map(String).toSorted();
}

Deno.test("a gradient passes through byGroup and inOrder to its own sample", () => {
  scope(() => {
    const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [6, 1]);
    const through = (f: (x: Tensor) => Tensor) =>
      tf.grad((x: Tensor) => tf.sum(tf.mul(f(x), weights)))(tf.zeros([6, 1])).dataSync();
    assertEquals([...through((x) => byGroup(x, 2))], [1, 4, 2, 5, 3, 6]);
    assertEquals([...through((x) => inOrder(x, 2))], [1, 3, 5, 2, 4, 6]);
  });
});

Deno.test("byGroup refuses a batch that the groups do not divide", () => {
  scope(() => assertThrows(() => byGroup(tf.zeros([5, 2]), 2), TypeError, "Cannot group"));
});
