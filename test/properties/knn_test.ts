import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { knnScores, topAccuracy } from "../../reference/knn.ts";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { knn, type KnnOptions, type KnnResult } from "../../src/evaluate/knn.ts";
import { matrices, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

type Problem = {
  readonly queries: number[][];
  readonly bank: number[][];
  readonly queryLabels: number[];
  readonly bankLabels: number[];
  readonly k: number;
  readonly classes: number;
  readonly temperature: number;
};

const labels = (length: number, classes: number) =>
  fc.array(fc.nat(classes - 1), { minLength: length, maxLength: length });

const problems: fc.Arbitrary<Problem> = fc.record({
  count: sizes(1, 5),
  size: sizes(2, 14),
  dimension: sizes(2, 5),
  classes: sizes(1, 8),
  temperature: fc.constantFrom(0.05, 0.1, 1),
}).chain(({ count, size, dimension, classes, temperature }) =>
  fc.record({
    queries: matrices(count, dimension),
    bank: matrices(size, dimension),
    queryLabels: labels(count, classes),
    bankLabels: labels(size, classes),
    k: sizes(1, size),
    classes: fc.constant(classes),
    temperature: fc.constant(temperature),
  })
);

function run(problem: Problem, options: KnnOptions = {}): KnnResult {
  return scope(() =>
    knn(
      { features: tf.tensor2d(problem.queries), labels: problem.queryLabels },
      { features: tf.tensor2d(problem.bank), labels: problem.bankLabels },
      { k: problem.k, classes: problem.classes, temperature: problem.temperature, ...options },
    )
  );
}

const similarity = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, d) => sum + value * b[d], 0) / (Math.hypot(...a) * Math.hypot(...b));

/** Whether float32 can tell apart what decides the result: who is among the k, and in which order classes stand. */
function clear({ queries, bank, bankLabels, classes, k, temperature }: Problem): boolean {
  const scores = knnScores(queries, bank, bankLabels, classes, k, temperature);
  return queries.every((query, n) => {
    const ranked = bank.map((row) => similarity(query, row)).sort((a, b) => b - a);
    const votes = scores[n].filter((vote) => vote > 0).sort((a, b) => b - a);
    return (k === bank.length || ranked[k - 1] - ranked[k] > 1e-5) &&
      votes.every((vote, i) => i === 0 || votes[i - 1] - vote > 1e-3 * vote);
  });
}

Deno.test("kNN predicts and scores as the reference", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const { queries, bank, bankLabels, queryLabels, classes, k, temperature } = problem;
      const scores = knnScores(queries, bank, bankLabels, classes, k, temperature);
      fc.pre(clear(problem));
      const result = run(problem);
      assertEquals([...result.predictions], scores.map((row) => row.indexOf(Math.max(...row))));
      assertClose(result.top1, topAccuracy(scores, queryLabels, 1), "elementwise");
      // The reference ranks classes without a vote too, as fillers; they are no predictions.
      const hits = queryLabels.filter((label, n) =>
        scores[n][label] > 0 && scores[n].filter((vote) => vote > scores[n][label]).length < 5
      );
      assertClose(result.top5, hits.length / queryLabels.length, "elementwise");
    }),
    { numRuns: 60 },
  );
});

Deno.test("kNN does not depend on how the queries are cut into blocks", () => {
  fc.assert(
    fc.property(problems, sizes(1, 3), (problem, rows) => {
      // Another block may be multiplied in another order: ties would be broken by its rounding.
      fc.pre(clear(problem));
      const blockBytes = 4 * problem.bank.length * rows;
      assertEquals(run(problem, { blockBytes }), run(problem));
    }),
    { numRuns: 30 },
  );
});

Deno.test("kNN depends on the direction of a feature, not on its length", () => {
  fc.assert(
    fc.property(problems, fc.constantFrom(0.25, 2, 64), (problem, scale) => {
      const longer = (rows: number[][]) => rows.map((row) => row.map((value) => value * scale));
      const scaled = { ...problem, queries: longer(problem.queries), bank: longer(problem.bank) };
      fc.pre([...problem.queries, ...problem.bank].every((row) => Math.hypot(...row) > 1e-3));
      assertEquals(run(scaled), run(problem)); // powers of two: not even the rounding differs
    }),
    { numRuns: 30 },
  );
});
