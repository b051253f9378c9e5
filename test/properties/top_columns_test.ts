import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { nearest } from "../../src/search/nearest.ts";
import { runLength, topColumns } from "../../src/search/top_columns.ts";
import { sizes } from "../support/arbitraries.ts";

/** Few values, so that many entries of a row are equal. */
const problems = fc.record({
  rows: sizes(1, 4),
  run: sizes(1, 6),
  k: sizes(1, 7),
  moreRuns: sizes(0, 9),
  left: sizes(0, 5),
  distinct: fc.constantFrom(1, 3, 1000),
}).chain(({ rows, run, k, moreRuns, left, distinct }) => {
  const width = run * (k + moreRuns);
  const row = fc.array(fc.integer({ min: -distinct, max: distinct }), {
    minLength: width + left,
    maxLength: width + left,
  });
  return fc.record({
    ...{ run: fc.constant(run), k: fc.constant(k), width: fc.constant(width) },
    matrix: fc.array(row, { minLength: rows, maxLength: rows }),
  });
});

Deno.test("the greatest columns by runs are those of a sort, the first of equal ones first", () => {
  fc.assert(
    fc.property(problems, ({ run, k, width, matrix }) => {
      const [found, places] = scope(() => {
        const all = tf.tensor2d(matrix);
        const rest = tf.slice(all, [0, width], [-1, matrix[0].length - width]);
        const { values, columns } = topColumns(tf.slice(all, [0, 0], [-1, width]), rest, k, run);
        return [values.arraySync(), columns.arraySync()];
      });
      const sorted = matrix.map((row) => row.map((_, i) => i).sort((a, b) => row[b] - row[a] || a - b).slice(0, k));
      assertEquals(places, sorted);
      assertEquals(found, sorted.map((columns, n) => columns.map((column) => matrix[n][column])));
    }),
  );
});

Deno.test("neighbours in a bank that is searched by runs are those of a bank searched at once", () => {
  const [size, k] = [331, 3]; // 331 is no whole number of runs
  assertEquals(runLength(size, k), 8);
  assertEquals(runLength(size, size), 0);
  const angle = (i: number) => (i * 2654435761 % 2 ** 32) / 2 ** 32 * 2 * Math.PI;
  const bank = Array.from({ length: size }, (_, i) => [Math.cos(angle(i)), Math.sin(angle(i))]);
  const queries = [[1, 0], [-1, 1], [0.3, -2]];
  const found = scope(() => nearest(tf.tensor2d(queries), tf.tensor2d(bank), k));
  const expected = queries.map(([x, y]) => {
    const similarities = bank.map(([a, b]) => a * x + b * y);
    return bank.map((_, i) => i).sort((a, b) => similarities[b] - similarities[a]).slice(0, k);
  });
  assertEquals(found.map((neighbours) => neighbours.map(({ index }) => index)), expected);
});
