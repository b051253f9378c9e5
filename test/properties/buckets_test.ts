import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { bucketsOf } from "../../src/core/buckets.ts";

const things = fc.array(fc.nat({ max: 9 }).map((size) => ({ size })), { maxLength: 20 });
const total = (bucket: readonly { readonly size: number }[]) => bucket.reduce((sum, { size }) => sum + size, 0);

Deno.test("buckets hold everything in its order, none too much, and no next thing would have fitted", () => {
  fc.assert(fc.property(things, fc.integer({ min: 1, max: 20 }), (things, most) => {
    const buckets = bucketsOf(things, most);
    assertEquals(buckets.flat(), things);
    buckets.forEach((bucket, index) => {
      assert(bucket.length === 1 || total(bucket) <= most, "too much");
      if (index > 0) assert(total(buckets[index - 1]) + bucket[0].size > most, "it would have fitted");
    });
  }));
});
