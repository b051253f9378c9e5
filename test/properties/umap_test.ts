import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { dot, type Matrix } from "../../reference/matrix.ts";
import { variances } from "../../reference/search/principal.ts";
import { crossEntropy, descend, fuzzyUnion, memberships as expectedMemberships } from "../../reference/search/umap.ts";
import { neighbourGraph } from "../../src/search/neighbour_graph.ts";
import { curveOf } from "../../src/search/umap/curve.ts";
import { draws } from "../../src/search/umap/draws.ts";
import { fuzzyGraph } from "../../src/search/umap/fuzzy_graph.ts";
import { layOut } from "../../src/search/umap/layout.ts";
import { memberships } from "../../src/search/umap/memberships.ts";
import { powerOf } from "../../src/search/umap/power.ts";
import { principalComponents } from "../../src/search/umap/principal.ts";
import { floats, sizes, unitRows } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

const packed = (rows: Matrix) => ({ values: Float32Array.from(rows.flat()), dim: rows[0].length });

const clouds = fc.tuple(sizes(5, 12), sizes(2, 4)).chain(([count, dimension]) =>
  fc.record({ rows: unitRows(count, dimension), k: sizes(3, count - 1) })
).filter(({ rows }) => rows.every((a, i) => rows.every((b, j) => i === j || dot(a, b) < 0.9999)));

Deno.test("memberships add up to log2(k), and the nearest neighbour is a full one", () => {
  return fc.assert(fc.asyncProperty(clouds, async ({ rows, k }) => {
    const graph = await neighbourGraph(packed(rows), k);
    const found = memberships(graph);
    for (let start = 0; start < found.length; start += k) {
      const distances = [...graph.similarities.subarray(start, start + k)].map((s) => 1 - s);
      const expected = expectedMemberships(distances);
      assertClose([...found.subarray(start, start + k)], expected, { relative: 1e-4, absolute: 1e-4 }); // two bisections
      assertEquals(found[start], 1);
    }
  }));
});

Deno.test("the graph is the fuzzy union of the memberships, every edge from both ends", () => {
  return fc.assert(fc.asyncProperty(clouds, async ({ rows, k }) => {
    const graph = await neighbourGraph(packed(rows), k);
    const directed = rows.map(() => rows.map(() => 0));
    memberships(graph).forEach((v, i) => directed[Math.floor(i / k)][graph.rows[i]] = v);
    const expected = fuzzyUnion(directed);
    const { starts, tails, weights } = fuzzyGraph(graph);
    const found = rows.map((_, head) => {
      const row = rows.map(() => 0);
      for (let edge = starts[head]; edge < starts[head + 1]; edge++) {
        assert(edge === starts[head] || tails[edge] > tails[edge - 1]);
        row[tails[edge]] = weights[edge];
      }
      return row;
    });
    assertClose(found, expected, "elementwise");
  }));
});

const points = fc.array(fc.tuple(floats(-5, 5), floats(-5, 5)), { minLength: 2, maxLength: 6 });

Deno.test("the descent moves points as the reference does", () => {
  const problem = points.chain((places) => {
    const edge = fc.tuple(fc.nat(places.length - 1), fc.nat(places.length - 1), fc.constantFrom(1, 0.5, 0.25))
      .filter(([head, tail]) => head !== tail);
    const edges = fc.uniqueArray(edge, { minLength: 1, maxLength: 8, selector: ([head, tail]) => `${head} ${tail}` });
    return fc.record({ places: fc.constant(places), edges, epochs: sizes(1, 6), seed: fc.nat(1000) });
  });
  fc.assert(fc.property(problem, ({ places, edges, epochs, seed }) => {
    const { a, b } = curveOf(0.1);
    const sorted = edges.toSorted(([head], [other]) => head - other);
    const count = places.length;
    const starts = Int32Array.from({ length: count + 1 }, (_, i) => sorted.filter(([head]) => head < i).length);
    const heads = Float64Array.from(places.flat());
    const common = { epochs, rate: 0.5, negatives: 2 };
    layOut({
      ...{ heads, tails: heads, curve: { a, b }, draw: draws(seed, count), ...common },
      edges: {
        starts,
        tails: Int32Array.from(sorted, ([, tail]) => tail),
        weights: Float32Array.from(sorted, ([, , weight]) => weight),
      },
    });
    const expected = descend({ points: places, edges: sorted, a, b, draw: draws(seed, count), ...common });
    assertClose(heads, expected.flat(), "gradient");
  }));
});

Deno.test("pull and push are the slopes of the cross entropy", () => {
  fc.assert(fc.property(floats(0.25, 3), (distance) => {
    const { a, b } = curveOf(0.1);
    const moved = (weight: number) => {
      const h = 1e-5;
      return -(crossEntropy(weight, distance + h, a, b) - crossEntropy(weight, distance - h, a, b)) / (2 * h);
    };
    const heads = Float64Array.of(distance, 0);
    const edges = { starts: Int32Array.of(0, 1), tails: Int32Array.of(0), weights: Float32Array.of(1) };
    const common = { heads, tails: Float64Array.of(0, 0), edges, curve: { a, b }, epochs: 1, rate: 1e-3 };
    layOut({ ...common, negatives: 0, draw: () => 0 });
    assertClose((heads[0] - distance) / 1e-3, Math.max(-4, moved(1)), { relative: 1e-4, absolute: 1e-6 });
    const afterPull = heads[0];
    heads[0] = distance;
    layOut({ ...common, negatives: 1, draw: () => 0 });
    // 0.001 in the push keeps it finite, which changes it by 0.001 / d^2 of its size.
    const pushed = (heads[0] - afterPull) / 1e-3;
    assertClose(pushed, Math.min(4, moved(0)), { relative: 0.002 + 0.002 / distance ** 2, absolute: 1e-6 });
  }));
});

Deno.test("powers from the table are those of Math.pow, and 0 stays 0", () => {
  fc.assert(
    fc.property(floats(0.5, 2), floats(-15, 15), (exponent, size) => {
      const power = powerOf(exponent);
      const x = Math.exp(size);
      assertClose(power(x), x ** exponent, { relative: 2 ** -16, absolute: 0 });
      assertEquals(power(0), 0);
    }),
    { numRuns: 30 },
  );
});

Deno.test("the curve's error is least where it is fitted", () => {
  fc.assert(fc.property(floats(0, 0.9), floats(-0.05, 0.05), floats(-0.05, 0.05), (minimum, byA, byB) => {
    const error = (a: number, b: number) =>
      Array.from({ length: 300 }, (_, i) => 3 * i / 299).reduce(
        (sum, d) => sum + (1 / (1 + a * d ** (2 * b)) - (d <= minimum ? 1 : Math.exp(minimum - d))) ** 2,
        0,
      );
    const { a, b } = curveOf(minimum);
    assert(error(a, b) <= error(a + byA, b + byB) + 1e-12);
  }));
});

Deno.test("principal components have the two greatest variances and are not correlated", () => {
  const cloud = fc.tuple(sizes(3, 10), sizes(2, 5)).chain(([count, dimension]) => unitRows(count, dimension));
  fc.assert(fc.property(cloud, (rows) => {
    const [first, second, third = 0] = variances(rows);
    fc.pre(first - second > 0.02 && second - third > 0.02); // where they are equal, any rotation of them is right
    const found = principalComponents(packed(rows));
    const x = [...found].filter((_, i) => i % 2 === 0), y = [...found].filter((_, i) => i % 2 === 1);
    assertClose([dot(x, x) / x.length, dot(y, y) / y.length, dot(x, y) / x.length], [first, second, 0], {
      relative: 1e-4,
      absolute: 1e-4,
    });
  }));
});
