import fc from "fast-check";
import { assertThrows } from "@std/assert";
import { enqueue as reference, type Queue as ReferenceQueue } from "../../reference/queue.ts";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { enqueue, initQueue } from "../../src/methods/queue.ts";
import { matrices, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

/** A queue's start and several batches, none larger than the queue: the sum of them wraps around many times. */
const histories = fc.tuple(sizes(1, 7), sizes(1, 3)).chain(([size, dimension]) =>
  fc.record({
    start: matrices(size, dimension),
    batches: fc.array(sizes(1, size).chain((n) => matrices(n, dimension)), { minLength: 1, maxLength: 8 }),
  })
);

Deno.test("the queue is first in, first out, for any batch and K, wrap-around included", () => {
  fc.assert(fc.property(histories, ({ start, batches }) =>
    scope(() => {
      let queue = { keys: tf.tensor2d(start), filled: tf.scalar(0, "int32") } as ReturnType<typeof enqueue>;
      let expected: ReferenceQueue = { keys: start, filled: 0 };
      for (const batch of batches) {
        queue = enqueue(queue, tf.tensor2d(batch));
        expected = reference(expected, batch);
        assertClose(queue.keys, expected.keys, "exact", "keys");
        assertClose(queue.filled, expected.filled, "exact", "filled");
      }
      // The law in one line: what remains is the tail of everything that ever came in.
      assertClose(queue.keys, [...start, ...batches.flat()].slice(-start.length), "exact", "keys");
    })));
});

Deno.test("enqueue leaves the old queue as it was", () => {
  scope(() => {
    const queue = { keys: tf.tensor2d([[1], [2], [3]]), filled: tf.scalar(1, "int32") };
    enqueue(queue, tf.tensor2d([[4], [5]]));
    assertClose(queue, { keys: [[1], [2], [3]], filled: 1 }, "exact");
  });
});

Deno.test("a fresh queue holds random unit rows, none of them real, and another seed gives others", () => {
  fc.assert(
    fc.property(seeds, (seed) =>
      scope(() => {
        const { keys, filled } = initQueue(key(seed), 8, 5);
        assertClose(tf.norm(keys, 2, 1), new Array(8).fill(1), "reduction");
        assertClose(filled, 0, "exact");
        assertThrows(() => assertClose(initQueue(key(seed + 1), 8, 5).keys, keys, "gradient"));
      })),
    { numRuns: 20 },
  );
});

Deno.test("enqueue refuses keys of another length and more keys than rows", () => {
  scope(() => {
    const queue = initQueue(key(0), 4, 2);
    assertThrows(() => enqueue(queue, tf.zeros([2, 3])), TypeError, "Cannot enqueue");
    assertThrows(() => enqueue(queue, tf.zeros([5, 2])), TypeError, "Cannot enqueue");
  });
});
