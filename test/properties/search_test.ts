import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { closePairs } from "../../reference/search/close_pairs.ts";
import { duplicateGroups as expectedGroups, leaks as expectedLeaks } from "../../reference/search/duplicates.ts";
import { assign, centres } from "../../reference/search/k_means.ts";
import { liking as expectedLiking } from "../../reference/search/liking.ts";
import { neighbours } from "../../reference/search/neighbours.ts";
import { sharpness as expectedSharpness } from "../../reference/search/sharpness.ts";
import { neighbourDistances as expectedDistances } from "../../reference/search/outliers.ts";
import { nearest as nearestTaken, selectSpread as expectedSelection } from "../../reference/search/select_spread.ts";
import { dot, type Matrix } from "../../reference/matrix.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { closeGroups, forEachClosePair } from "../../src/search/close_pairs.ts";
import { duplicateGroups } from "../../src/search/duplicates.ts";
import { kMeans } from "../../src/search/k_means.ts";
import { findLeaks } from "../../src/search/leaks.ts";
import { liking } from "../../src/search/liking.ts";
import { neighbourGraph } from "../../src/search/neighbour_graph.ts";
import { neighbourDistances } from "../../src/search/outliers.ts";
import { pairsFrom } from "../../src/serve/page/state/groups.ts";
import { selectSpread } from "../../src/search/select_spread.ts";
import { sharpness } from "../../src/search/sharpness.ts";
import { unionFind } from "../../src/search/union_find.ts";
import type { UnitVectors } from "../../src/search/unit_vectors.ts";
import { sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose, tolerances } from "../support/close.ts";

const packed = (rows: Matrix): UnitVectors => ({ values: Float32Array.from(rows.flat()), dim: rows[0].length });

const rowsOf = ({ values, dim }: UnitVectors): number[][] =>
  Array.from({ length: values.length / dim }, (_, i) => [...values.subarray(i * dim, (i + 1) * dim)]);

/** Similarities that are closer than this may change places in float32. */
const APART = 1e-5;

const problems = fc.record({ count: sizes(2, 14), dimension: sizes(2, 5), blockRows: sizes(1, 5) }).chain((
  { count, dimension, blockRows },
) =>
  fc.record({
    rows: unitRows(count, dimension),
    k: sizes(1, count - 1),
    blockBytes: fc.constant(4 * count * blockRows),
  })
);

/** Whether no two neighbours of an image are about equally near. */
const distinct = (rows: Matrix) =>
  rows.every((row, i) => {
    const found = rows.filter((_, j) => j !== i).map((other) => dot(row, other)).sort((a, b) => a - b);
    return found.every((s, j) => j === 0 || s - found[j - 1] > APART);
  });

Deno.test("the neighbour graph is that of the reference, however it is cut into blocks", () => {
  return fc.assert(fc.asyncProperty(problems, async ({ rows, k, blockBytes }) => {
    fc.pre(distinct(rows));
    const before = liveTensors();
    const graph = await neighbourGraph(packed(rows), k, { blockBytes });
    assertEquals(liveTensors(), before);
    const expected = neighbours(rows, k).flat();
    assertEquals([...graph.rows], expected.map(({ row }) => row));
    assertClose(graph.similarities, expected.map(({ similarity }) => similarity), "reduction");
  }));
});

Deno.test("no image is its own neighbour, even among equal ones", () => {
  return fc.assert(fc.asyncProperty(unitRows(1, 3), sizes(2, 9), async (rows, count) => {
    const equal = packed(Array.from({ length: count }, () => rows[0]));
    const { rows: found } = await neighbourGraph(equal, count - 1);
    const others = (i: number) => Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
    assertEquals([...found], Array.from({ length: count }, (_, i) => others(i)).flat());
  }));
});

Deno.test("duplicates are the connected components of the pairs above the threshold", () => {
  fc.assert(fc.property(problems, fc.constantFrom(0.5, 0.9, 0.97), ({ rows, blockBytes }, threshold) => {
    fc.pre(rows.every((a) => rows.every((b) => Math.abs(dot(a, b) - threshold) > APART)));
    assertEquals(duplicateGroups(packed(rows), threshold, { blockBytes }), expectedGroups(rows, threshold));
  }));
});

Deno.test("a threshold of 1 finds the images with equal vectors, whatever float32 makes of their products", async () => {
  for (const dim of [1, 3, 128, 2048]) {
    const rows = fc.sample(unitRows(40, dim), { numRuns: 1, seed: dim })[0];
    const pairs = packed(rows.flatMap((row) => [row, row]));
    const isTwice = (group: readonly number[]) => group.some((row) => row % 2 === 0 && group.includes(row + 1));
    const groups = duplicateGroups(pairs, 1);
    assertEquals(groups.flat().length, 80);
    assert(groups.every(isTwice));
    assertEquals(findLeaks(packed(rows), packed(rows), 1).length, 40);
    const graph = await neighbourGraph(pairs, 1);
    const near = Array.from(
      graph.similarities,
      (similarity, first) => ({ first, second: graph.rows[first], similarity }),
    );
    assertEquals(pairsFrom(near, 1).length, 80);
  }
});

Deno.test("close pairs are those of the reference, and each comes once", () => {
  return fc.assert(fc.asyncProperty(problems, fc.constantFrom(0.3, 0.6, 0.9), async ({ rows, k }, within) => {
    fc.pre(distinct(rows));
    const expected = closePairs(rows, k, within);
    // A share just above or below gives the same pairs, so that rounding does not decide.
    fc.pre([within - 1e-3, within + 1e-3].every((other) => closePairs(rows, k, other).length === expected.length));
    const found: [number, number][] = [];
    const graph = await neighbourGraph(packed(rows), k);
    forEachClosePair(graph, within, (i, j) => found.push([i, j]));
    const inOrder = (pairs: [number, number][]) => pairs.toSorted(([a, b], [c, d]) => a - c || b - d);
    assertEquals(inOrder(found), inOrder(expected));
  }));
});

Deno.test("equal images are in one group, however many there are, and others are not", async () => {
  const angles = [...Array(30).fill(0), ...Array.from({ length: 30 }, (_, i) => 1 + i / 10)];
  const graph = await neighbourGraph(packed(angles.map((angle) => [Math.cos(angle), Math.sin(angle)])), 10);
  assertEquals(closeGroups(graph, 0.01), [Array.from({ length: 30 }, (_, i) => i)]);
});

Deno.test("sets that are joined are the same in any order of the pairs", () => {
  const pairs = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 12 });
  fc.assert(fc.property(pairs, (joined) => {
    const groupsOf = (order: typeof joined) => {
      const { join, groups } = unionFind(10);
      order.forEach(([a, b]) => join(a, b));
      return groups();
    };
    assertEquals(groupsOf(joined), groupsOf(joined.toReversed()));
    const matrix = Array.from(
      { length: 10 },
      (_, i) =>
        Array.from({ length: joined.length + 1 }, (_, p) => p < joined.length ? Number(joined[p].includes(i)) : 0),
    );
    assertEquals(groupsOf(joined), expectedGroups(matrix, 1));
  }));
});

Deno.test("outliers are scored as in the reference", () => {
  return fc.assert(fc.asyncProperty(problems, async ({ rows, k }) => {
    // The root of 2 - 2 s magnifies rounding where s is almost 1.
    fc.pre(rows.every((a, i) => rows.every((b, j) => i === j || dot(a, b) < 0.999)));
    const found = neighbourDistances(await neighbourGraph(packed(rows), k));
    assertClose(found, expectedDistances(rows, k), { ...tolerances.reduction, absolute: 3e-6 });
  }));
});

Deno.test("a query from several images is Rocchio's", () => {
  const problem = fc.tuple(sizes(1, 4), sizes(0, 4), sizes(2, 5)).chain(([these, those, dimension]) =>
    fc.tuple(unitRows(these, dimension), unitRows(those, dimension), fc.constantFrom(0, 0.5, 1))
  );
  fc.assert(fc.property(problem, ([these, those, away]) => {
    const mean = (rows: Matrix, d: number) => rows.reduce((sum, row) => sum + row[d], 0) / Math.max(1, rows.length);
    fc.pre(Math.hypot(...these[0].map((_, d) => mean(these, d) - away * mean(those, d))) > 0.05);
    const packedThose = { values: Float32Array.from(those.flat()), dim: these[0].length };
    assertClose(liking(packed(these), packedThose, away).values, expectedLiking(these, those, away), "reduction");
  }));
});

Deno.test("leaks are the test images whose nearest training image is near enough", () => {
  const problem = fc.tuple(sizes(1, 6), sizes(1, 8), sizes(2, 4)).chain(([test, train, dimension]) =>
    fc.tuple(unitRows(test, dimension), unitRows(train, dimension))
  );
  fc.assert(fc.property(problem, fc.constantFrom(0.6, 0.95), ([test, train], threshold) => {
    const all = test.flatMap((a) => train.map((b) => dot(a, b))).sort((a, b) => a - b);
    fc.pre(all.every((s, i) => i === 0 || s - all[i - 1] > APART) && all.every((s) => Math.abs(s - threshold) > APART));
    const found = findLeaks(packed(test), packed(train), threshold);
    const byTest = found.map(({ test, train }) => ({ test, train })).toSorted((a, b) => a.test - b.test);
    assertEquals(byTest, expectedLeaks(test, train, threshold));
    assert(found.every(({ similarity }, i) => i === 0 || similarity <= found[i - 1].similarity));
  }));
});

Deno.test("images that are just as alike as the threshold says are duplicates, and leaks", () => {
  const [one, other] = [[1, 0], [0.5, Math.sqrt(0.75)]]; // 1/2 exactly, also in float32
  assertEquals(duplicateGroups(packed([one, other]), 0.5), [[0, 1]]);
  assertEquals(findLeaks(packed([one]), packed([other]), 0.5), [{ test: 0, train: 0, similarity: 0.5 }]);
});

Deno.test("a threshold that no cosine similarity can be is refused", () => {
  const vectors = packed([[1, 0], [0, 1]]);
  for (const threshold of [-1, 1.01, NaN]) {
    const message = `expected threshold to be a number greater than -1 and at most 1, found ${threshold}`;
    assertThrows(() => duplicateGroups(vectors, threshold), RangeError, message);
    assertThrows(() => findLeaks(vectors, vectors, threshold), RangeError, message);
  }
});

Deno.test("a selection takes the image that is least like those that are taken", () => {
  const problem = problems.chain(({ rows }) =>
    fc.record({
      rows: fc.constant(rows),
      already: sizes(0, Math.min(2, rows.length - 1)),
      count: sizes(1, rows.length),
    })
  );
  fc.assert(fc.property(problem, ({ rows, already, count: asked }) => {
    const among = Array.from({ length: already }, (_, i) => i);
    const count = Math.min(asked, rows.length - already);
    const expected = expectedSelection(rows, count, among);
    // Every choice must be clear in float32.
    const clear = expected.every((_, i) => {
      const taken = [...among, ...expected.slice(0, i)];
      if (taken.length === 0) {
        const mean = rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
        const [best, second] = rows.map((row) => dot(row, mean)).sort((a, b) => b - a);
        return best - second > APART;
      }
      const [least, next] = rows.filter((_, row) => !taken.includes(row)).map((row) => nearestTaken(rows, row, taken))
        .sort((a, b) => a - b);
      return next === undefined || next - least > APART;
    });
    fc.pre(clear);
    const before = liveTensors();
    const selection = selectSpread(packed(rows), count, { among });
    assertEquals(liveTensors(), before);
    assertEquals(selection.rows, expected);
    const taken = [...among, ...expected];
    const worst = Math.min(
      1,
      ...rows.filter((_, i) => !taken.includes(i)).map((row) => nearestTaken(rows, row, taken)),
    );
    assertClose(selection.cover.at(-1)!, worst, "reduction");
  }));
});

Deno.test("k-means ends where a round of the reference changes nothing, the largest cluster first", () => {
  const problem = problems.chain(({ rows }) =>
    fc.record({ rows: fc.constant(rows), k: sizes(1, rows.length), seed: fc.nat(100) })
  );
  fc.assert(fc.property(problem, ({ rows, k, seed }) => {
    fc.pre(rows.every((a, i) => rows.every((b, j) => i === j || dot(a, b) < 0.9999)));
    const found = kMeans(packed(rows), k, { seed });
    const middles = rowsOf(found.centres);
    const assigned = [...found.assigned];
    const clear = rows.every((row) => {
      const [best, second] = middles.map((centre) => dot(row, centre)).sort((a, b) => b - a);
      return second === undefined || best - second > APART;
    });
    fc.pre(clear && found.rounds < 100);
    assertEquals(assign(rows, middles), assigned);
    assertClose(found.similarities, rows.map((row, i) => dot(row, middles[assigned[i]])), "reduction");
    const number = Array.from({ length: k }, (_, cluster) => assigned.filter((a) => a === cluster).length);
    assertEquals(number, number.toSorted((a, b) => b - a));
    assert(number.every((n) => n > 0));
    const expected = centres(rows, assigned, k);
    fc.pre(centres(rows, assigned, k).every((centre) => Math.hypot(...centre) > 0.5));
    assertClose(middles, expected, { ...tolerances.reduction, absolute: 1e-4 }); // a sum may nearly cancel
  }));
});

Deno.test("sharpness is the variance of the Laplacian", () => {
  const images = fc.tuple(sizes(1, 3), sizes(3, 6), sizes(3, 6), fc.constantFrom(1, 3)).chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const values = fc.array(fc.nat(255), { minLength: length, maxLength: length });
    return fc.record({ shape: fc.constant(shape), values });
  });
  fc.assert(fc.property(images, ({ shape, values }) => {
    const [found, nested] = scope(() => {
      const pixels = tf.tensor4d(values, shape, "int32");
      return [sharpness(pixels).arraySync() as number[], pixels.arraySync()];
    });
    assertClose(found, nested.map(expectedSharpness), "reduction");
  }));
});
